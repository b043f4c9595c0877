"""The radar with axes to arrange, by mouse, touch and keyboard."""

import matplotlib.pyplot as plt
from playwright.sync_api import Locator, expect

from helpers import live

RUNS = [
    {"name": "first run", "values": [[1, 1, 0, 0, 0, 0], [0, 0, 1, 1, 0.1, 0.1], [0, 0, 0.2, 0.2, 1, 1]]},
    {"name": "second run", "values": [[1] * 6, [0.5] * 6, [0.5] * 6]},
]
WINS = {"Anna": 8, "Ben": 12, "Cleo": 40}  # in the first run


def show() -> None:
    names = {"axes": [f"axis {i}" for i in range(6)], "larger": [True] * 6}
    who = {"things": list(WINS), "short": [name[0] for name in WINS]}
    live.show("radar-orders", plt.figure(), **names, **who, runs=RUNS, start=0)


def row(box: Locator, name: str) -> list[str]:
    expect(box.locator(".live-strip g")).to_have_count(60)
    return box.get_by_role("row", name=name).get_by_role("cell").all_inner_texts()


def test_the_strip_names_the_winner_of_every_order(box: Locator):
    assert {name: row(box, name)[1] for name in WINS} == {name: f"{n} of 60" for name, n in WINS.items()}
    names = box.locator(".live-strip text").all_text_contents()
    assert {name: names.count(name[0]) for name in WINS} == WINS


def test_the_slider_and_the_strip_choose_an_order(box: Locator):
    box.get_by_label("Order of the axes").press("End")
    expect(box.get_by_role("status")).to_contain_text("Order 60 of 60")
    box.locator(".live-strip g").nth(6).click()
    expect(box.get_by_role("status")).to_contain_text("Order 7 of 60")
    expect(box.get_by_label("Order of the axes")).to_have_value("7")


def test_buttons_move_an_axis_and_find_the_best_order(box: Locator):
    box.get_by_label("Move an axis").select_option("axis 1")
    box.get_by_role("button", name="One place clockwise").press("Enter")
    expect(box.get_by_role("status")).to_contain_text("axis 0, axis 2, axis 1")
    box.get_by_role("button", name="One place anticlockwise").press("Enter")
    expect(box.get_by_role("status")).to_contain_text("axis 0, axis 1, axis 2")
    for name in WINS:
        box.get_by_role("button", name=name).press("Enter")
        expect(box.get_by_role("status")).to_contain_text(f"{name} has the largest area")


def test_runs_and_scales_change_the_winner(box: Locator):
    box.get_by_label("Runs").select_option("second run")
    assert row(box, "Anna") == ["100 %", "60 of 60", "100 to 100 %"]
    assert row(box, "Ben")[0] == "0 %"
    box.get_by_label("Scale").select_option("share of the best")
    assert row(box, "Ben") == ["25 %", "0 of 60", "25 to 25 %"]


def test_an_axis_is_dragged(box: Locator):
    grip = box.locator(".live-radar circle").nth(0)  # at the top
    grip.scroll_into_view_if_needed()
    start, goal = grip.bounding_box(), box.locator(".live-radar circle").nth(1).bounding_box()
    mouse = box.page.mouse
    mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    mouse.down()
    mouse.move(goal["x"] + goal["width"] / 2, goal["y"] + goal["height"] / 2, steps=8)
    mouse.up()
    expect(box.get_by_role("status")).to_contain_text("axis 1, axis 0, axis 2")


def test_a_finger_can_drag(box: Locator):
    grip = box.locator(".live-radar circle").nth(0)
    assert grip.evaluate("circle => getComputedStyle(circle).touchAction") == "none"
    touch = {"pointerId": 7, "pointerType": "touch", "bubbles": True}
    grip.evaluate("circle => circle.setPointerCapture = () => {}")  # there is no real finger to capture
    grip.evaluate("circle => circle.hasPointerCapture = () => true")
    grip.dispatch_event("pointerdown", touch)
    goal = box.locator(".live-radar circle").nth(3).bounding_box()  # at the bottom
    grip.dispatch_event("pointermove", {**touch, "clientX": goal["x"] + 9, "clientY": goal["y"] + 9})
    expect(box.get_by_role("status")).to_contain_text("axis 0, axis 4, axis 5")


def test_labels_can_be_read_on_a_phone(box: Locator):
    sizes = box.locator("svg text").evaluate_all(
        "texts => texts.map((text) => parseFloat(getComputedStyle(text).fontSize))"
    )
    assert min(sizes) >= 10
    inside = box.locator(".live-radar text").evaluate_all(
        "texts => texts.every((text) => { const { left, right } = text.getBoundingClientRect();"
        " return left >= 0 && right <= innerWidth; })"
    )
    assert inside
