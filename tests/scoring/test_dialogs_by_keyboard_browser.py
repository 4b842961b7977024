"""The dialogs of the display and of the keys, worked by keyboard alone."""

from playwright.sync_api import expect


def focused(bench) -> str:
    """Name what has the focus."""
    return bench.page.evaluate(
        """() => {
          const node = document.activeElement;
          return node.ariaLabel || node.dataset.part || node.textContent.trim() || node.tagName;
        }"""
    )


def tabbed(bench, count: int, key: str = "Tab") -> list[str]:
    names = []
    for _ in range(count):
        bench.press(key)
        names.append(focused(bench))
    return names


def test_filters_are_walked_by_tab_also_after_one_was_changed(open_workbench):
    bench = open_workbench(epoch=10)
    bench.part("display").focus()
    bench.press("Enter")
    expect(bench.part("cuts")).to_be_visible()
    assert focused(bench) == "filters"
    assert tabbed(bench, 3) == ["notch", "colours", "Filters in Hz"]
    bench.press("Enter", "Tab")
    bench.page.keyboard.type("1")
    assert tabbed(bench, 2) == ["high cut of EEG", "notch of EEG"]
    bench.press("Delete", "Shift+Tab")
    assert focused(bench) == "high cut of EEG"
    bench.page.get_by_label("low cut of EOG", exact=True).focus()
    bench.press("Control+A")
    bench.page.keyboard.type("2")
    bench.press("Escape")
    expect(bench.part("displayDialog")).to_be_hidden()
    assert focused(bench) == "display"
    expect(bench.part("display")).to_have_text("EEG 1-35 Hz, no notch; EOG 2-35 Hz, notch 50")
    bench.press("ArrowRight")
    bench.expect_epoch(12)


def test_a_montage_is_made_used_and_emptied_by_keyboard(open_workbench):
    bench = open_workbench(epoch=10)
    bench.press("b")
    expect(bench.part("montage")).to_be_visible()
    bench.part("montage").locator("summary").focus()
    bench.press("Enter")
    assert tabbed(bench, 2) == ["Channel", "Add difference"]
    bench.press("Enter")
    expect(bench.page.get_by_text("Choose a channel and its reference.")).to_be_visible()
    bench.press("Tab", "Tab", "Space", "Tab", "Space")
    bench.press(*["Shift+Tab"] * 3, "Enter")
    first = bench.part("displayRows").locator("th").first
    expect(first).to_contain_text(" − mean(")
    assert focused(bench) == "Add difference"
    bench.page.get_by_label("remove").focus()
    bench.press("Enter")
    expect(first).to_have_text("F4-M1")
    assert focused(bench) == "show F4-M1"
    bench.press("Escape")
    expect(bench.part("displayDialog")).to_be_hidden()
    assert focused(bench) != "show F4-M1"
    bench.press("ArrowRight")
    bench.expect_epoch(12)


def test_keys_are_changed_by_keyboard_and_esc_leads_back(open_workbench):
    bench = open_workbench(epoch=10)
    bench.part("display").focus()
    bench.press("?")
    bench.page.get_by_role("button", name="Change keys").focus()
    bench.press("Enter")
    dialog = bench.page.get_by_role("dialog", name="Your keys")
    assert focused(bench) == "Find a command"
    bench.page.keyboard.type("next unscored")
    bench.press("Tab")
    bench.press("Enter", "Escape")
    expect(dialog).to_be_visible()
    bench.press("Escape")
    expect(dialog).to_be_hidden()
    assert focused(bench) == "display"
