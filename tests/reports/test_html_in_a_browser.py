"""The HTML report in a real browser: filter, search, themes, keyboard, hostile files, and not one request."""

# selenium leaves arguments untyped
# pyright: reportUnknownMemberType=false
from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import pytest
from selenium.webdriver import Chrome, ChromeOptions, ChromeService, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

from ns_lint.cli.run import Options, check

FLAGS = """
--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
--disable-component-update --disable-sync --disable-default-apps --window-size=1200,900
""".split()

FILES = {
    "app/Dockerfile": "FROM debian\nRUN mknod /dev/loop7 b 7 7 && echo ok\nRUN mount -t tmpfs none /mnt\n",
    "app/tolerant.Dockerfile": "FROM debian\nRUN mknod /srv/n c 1 3 || true\n",
    "clean/Dockerfile": "FROM debian\nRUN true\n",
}

HOSTILE = (
    "FROM debian\n"
    'RUN mknod "/srv/<script>document.title=1</script>" c 1 3 # <img src=x onerror="document.title=2">\n'
    "RUN mknod '/srv/\"><svg onload=document.title=3>' c 1 3 && echo '</script><script>document.title=4</script>'\n"
    "RUN mknod /srv/\u202egpj.exe c 1 3 && echo '{{ 7 * 7 }} \x1b[31m \x00 \u05d0\u05d1 </style></pre></details>'\n"
)
HOSTILE_NAME = "<b onmouseover='document.title=5'>.Dockerfile"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        if os.environ.get("CI"):
            pytest.fail("no browser: run lab/browser")
        pytest.skip("no browser: run lab/browser")
    options = ChromeOptions()
    options.binary_location = chromium
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('browser')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    with Chrome(options, ChromeService(driver)) as started:
        yield started


def open_report(browser: Chrome, folder: Path, files: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Lint these files for real and open the report that was written."""
    for name, text in files.items():
        path = folder / "repo" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    monkeypatch.chdir(folder / "repo")
    output = folder / "report.html"
    assert check(Options(form="html", output=str(output), coming_from="rootful")) in (0, 1)
    browser.get("about:blank")
    for log in ("browser", "performance"):
        browser.get_log(log)  # what is read is gone: each page starts with none
    browser.get(output.as_uri())


@pytest.fixture
def page(browser: Chrome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Chrome]:
    """The report on FILES; afterwards, it must not have complained nor asked for anything."""
    open_report(browser, tmp_path, FILES, monkeypatch)
    yield browser
    no_complaints_and_no_requests(browser)
    browser.execute_script("localStorage.clear()")


def no_complaints_and_no_requests(browser: Chrome) -> None:
    assert [entry["message"] for entry in browser.get_log("browser")] == []
    asked: list[str] = []
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            asked.append(message["params"]["request"]["url"])
    assert [url for url in asked if not url.startswith(("file:///", "data:", "about:"))] == []
    assert len([url for url in asked if url.startswith("file:///")]) == 1


def shown(browser: Chrome) -> list[str]:
    """Code and file of each finding that can be seen, as in "NS101 app/Dockerfile"."""
    found = browser.find_elements(By.CSS_SELECTOR, "details.finding")
    return [f"{f.get_attribute('data-rule')} {f.get_attribute('data-file')}" for f in found if f.is_displayed()]


def told(browser: Chrome) -> str:
    return browser.find_element(By.ID, "shown").text


ALL = ["NS101 app/Dockerfile", "NS401 app/Dockerfile", "NS101 app/tolerant.Dockerfile"]


def test_filters_hide_findings_and_say_how_many_are_left(page: Chrome) -> None:
    assert shown(page) == ALL
    assert told(page) == "3 of 3 findings"
    page.find_element(By.CSS_SELECTOR, "[name=severity][value=error]").click()
    assert shown(page) == ["NS101 app/tolerant.Dockerfile"]
    assert told(page) == "1 of 3 findings"
    page.find_element(By.CSS_SELECTOR, "button[type=reset]").click()
    assert shown(page) == ALL
    Select(page.find_element(By.ID, "rule")).select_by_value("NS401")
    assert shown(page) == ["NS401 app/Dockerfile"]
    page.find_element(By.CSS_SELECTOR, "button[type=reset]").click()
    Select(page.find_element(By.ID, "file")).select_by_value("app/tolerant.Dockerfile")
    assert shown(page) == ["NS101 app/tolerant.Dockerfile"]
    assert page.find_element(By.ID, "shown").get_attribute("aria-live") == "polite"


def test_only_what_is_fixable_or_new_can_be_asked_for(page: Chrome) -> None:
    page.find_element(By.ID, "new").click()
    assert shown(page) == ["NS101 app/Dockerfile", "NS101 app/tolerant.Dockerfile"]
    page.find_element(By.ID, "fixable").click()
    assert shown(page)[0] == "NS101 app/Dockerfile"


def test_search_takes_all_of_the_words_in_any_order(page: Chrome) -> None:
    box = page.find_element(By.ID, "search")
    box.send_keys("LOOP7 device-node")
    assert shown(page) == ["NS101 app/Dockerfile"]
    box.send_keys(" nothing like it")
    assert shown(page) == []
    assert page.find_element(By.ID, "nothing").is_displayed()


def test_a_link_to_what_is_filtered_out_brings_it_back(page: Chrome) -> None:
    page.find_element(By.ID, "search").send_keys("tolerant")
    page.find_element(By.LINK_TEXT, "app/Dockerfile").click()
    assert "NS401 app/Dockerfile" in shown(page)
    page.find_element(By.LINK_TEXT, "NS401 mount").click()
    rule = page.find_element(By.ID, "rule-NS401")
    assert rule.get_attribute("open") is not None
    assert page.switch_to.active_element == rule.find_element(By.TAG_NAME, "summary")


def test_dark_and_light_follow_the_system_and_the_button(page: Chrome) -> None:
    def ground() -> str:
        return page.execute_script("return getComputedStyle(document.body).backgroundColor")

    def system(scheme: str) -> None:
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    light, dark = "rgb(255, 255, 255)", "rgb(15, 20, 25)"
    button = page.find_element(By.ID, "theme")
    try:
        for scheme, before, after, offered in (("light", light, dark, "Dark"), ("dark", dark, light, "Light")):
            system(scheme)
            assert ground() == before
            assert button.text == offered
            button.click()
            assert ground() == after
            page.execute_script("localStorage.clear(); delete document.documentElement.dataset.theme")
    finally:
        system("")


def test_everything_can_be_reached_and_used_by_keyboard(page: Chrome) -> None:
    def press(*keys: str) -> None:
        page.switch_to.active_element.send_keys(*keys)

    press(Keys.TAB)
    assert page.switch_to.active_element.text == "Skip to the findings"
    press(Keys.ENTER)
    assert page.switch_to.active_element.get_attribute("id") == "findings"
    press(Keys.TAB)
    assert page.switch_to.active_element.get_attribute("id") == "search"
    outline = page.execute_script("return getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    for _ in range(30):
        press(Keys.TAB)
        if page.switch_to.active_element.tag_name == "summary":
            break
    finding = page.find_element(By.CSS_SELECTOR, "details.finding")
    assert finding.get_attribute("open") is not None
    press(Keys.ENTER)
    assert finding.get_attribute("open") is None
    press(Keys.SPACE)
    assert finding.get_attribute("open") is not None


def test_folding(page: Chrome) -> None:
    page.find_element(By.ID, "fold").click()
    assert page.find_elements(By.CSS_SELECTOR, "details.finding[open]") == []
    page.find_element(By.ID, "unfold").click()
    assert len(page.find_elements(By.CSS_SELECTOR, "details.finding[open]")) == 3


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_that_keeps_a_reader_out(page: Chrome, theme: str) -> None:
    spec = find_spec("axe_core_python")
    assert spec is not None
    assert spec.origin is not None
    axe = Path(spec.origin).with_name("axe.min.js")
    page.execute_script(f"document.documentElement.dataset.theme = '{theme}'")
    page.execute_script("for (const one of document.querySelectorAll('details')) one.open = true")
    page.execute_script(axe.read_text(encoding="utf-8"))
    page.set_script_timeout(60)
    result = page.execute_async_script("const done = arguments[0]; axe.run().then(done, error => done(String(error)))")
    assert isinstance(result, dict)
    violations = cast("list[dict[str, Any]]", result["violations"])
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in violations] == []
    assert len(cast("list[object]", result["passes"])) > 20


def test_without_scripts_everything_can_be_read(
    browser: Chrome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        open_report(browser, tmp_path, FILES, monkeypatch)
        assert shown(browser) == ALL
        assert not browser.find_element(By.ID, "filter").is_displayed()
        assert not browser.find_element(By.ID, "theme").is_displayed()
        assert "-RUN mknod /dev/loop7 b 7 7 && echo ok" in browser.find_element(By.TAG_NAME, "body").text
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_hostile_files_are_shown_and_do_nothing(
    browser: Chrome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_report(browser, tmp_path, {HOSTILE_NAME: HOSTILE}, monkeypatch)
    text = browser.find_element(By.TAG_NAME, "body").text
    assert "<script>document.title=1</script>" in text
    assert "<svg onload=document.title=3>" in text
    assert "{{ 7 * 7 }} \ufffd[31m" in text
    assert "\ufffdgpj.exe" in text
    assert HOSTILE_NAME in text
    assert browser.title == "ns-lint: 0 of 1 ready for userns"
    assert len(browser.find_elements(By.CSS_SELECTOR, "details.finding")) == 3
    for tag, count in (("script", 1), ("style", 1), ("img", 0), ("svg", 0), ("b", 0)):
        assert len(browser.find_elements(By.TAG_NAME, tag)) == count, tag
    no_complaints_and_no_requests(browser)
