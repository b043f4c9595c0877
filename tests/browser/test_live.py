"""Live figures, by mouse, touch and keyboard, on paper, and without scripts or a network."""

import matplotlib.pyplot as plt
import pytest
import torch
from playwright.sync_api import Browser, Locator, Page, expect
from torch import nn

from helpers import live

SHAPES = [[(14, 5), (14, 23)], [(6, 6), (22, 6), (12, 24)]]  # a one and a seven, in pixels of 28


def show() -> None:
    """Show two figures: one reads digits, the other fits a curve."""
    torch.manual_seed(0)
    images = torch.rand(4, 1, 28, 28)
    models = {
        "Linear": nn.Sequential(nn.Flatten(), nn.Linear(784, 10)),
        "Convolution": nn.Sequential(
            nn.Conv2d(1, 4, 5, stride=3), nn.ReLU(), nn.Flatten(), nn.Linear(256, 10)
        ),
    }
    live.show(
        "draw-digit",
        plt.figure(),
        models,
        images,
        {"Convolution": "0"},
        images=(255 * images[:2]).to(torch.uint8),
        truths=["4", "2"],
        names=[str(k) for k in range(10)],
        notes={"Linear": "Monday"},
    )
    x = torch.linspace(-1, 1, 101)
    axes = {"range": [-2, 2], "ticks": {"x": [-1, 0, 1], "y": [-1, 0, 1]}}
    live.show("fit-curve", plt.figure(), x=x, y=(3 * x).sin(), units=16, lr=0.01, steps=1000, **axes)


def figure(page: Page, kind: str) -> Locator:
    box = page.locator(f".live[data-kind={kind}]")
    box.scroll_into_view_if_needed()
    return box.locator(".live-figure")


def on_pad(box: Locator, points: list[tuple[int, int]]) -> list[tuple[float, float]]:
    """Return points of the image as points of the screen."""
    pad = box.locator(".live-pad")
    pad.scroll_into_view_if_needed()
    area = pad.bounding_box()
    return [(area["x"] + x * area["width"] / 28, area["y"] + y * area["height"] / 28) for x, y in points]


def by_mouse(page: Page, box: Locator, points: list[tuple[int, int]]) -> None:
    first, *others = on_pad(box, points)
    page.mouse.move(*first)
    page.mouse.down()
    for point in others:
        page.mouse.move(*point, steps=5)
    page.mouse.up()


def by_touch(page: Page, box: Locator, points: list[tuple[int, int]]) -> None:
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *places: tuple[float, float]) -> None:
        at = [{"x": x, "y": y} for x, y in places]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    first, *others = on_pad(box, points)
    touch("touchStart", first)
    for point in others:
        touch("touchMove", point)
    touch("touchEnd")


@pytest.mark.parametrize("draw", [by_mouse, by_touch])
def test_networks_answer_to_a_drawing(page: Page, draw):
    box = figure(page, "draw-digit")
    answers = box.locator(".live-answer")
    expect(box.get_by_role("rowheader").first).to_have_text("LinearMonday · 7,850 parameters")
    said = set()
    for shape in SHAPES:
        draw(page, box, shape)
        expect(answers.first.locator("strong")).to_be_visible()
        said.add(tuple(answers.all_inner_texts()))
        assert page.evaluate("scrollY") == pytest.approx(0, abs=400)  # a finger on the pad draws
        box.get_by_role("button", name="Clear").click()
        expect(answers.first).to_have_text("")
    assert len(said) == 2


def test_what_is_drawn_is_told(page: Page):
    box = figure(page, "draw-digit")
    by_mouse(page, box, SHAPES[0])
    lines = box.locator(".live-answer")
    expect(lines.first.locator("strong")).to_be_visible()
    first, second = (text.split() for text in lines.all_inner_texts())
    sentence = f"Linear: {first[0]}, {first[1]}. Convolution: {second[0]}, {second[1]}."
    expect(box.get_by_role("status")).to_have_text(sentence)
    box.get_by_role("button", name="Clear").click()
    expect(box.get_by_role("status")).to_have_text("Nothing is drawn yet.")


def test_all_that_the_hand_does_the_keyboard_does(page: Page):
    box = figure(page, "draw-digit")
    box.get_by_role("button", name="A real digit").press("Enter")
    expect(box.get_by_text("a 4", exact=True)).to_be_visible()
    shares = box.locator(".live-answer")
    expect(shares.first.locator("strong")).to_be_visible()
    before = shares.all_inner_texts()
    box.get_by_text("Shift it, or cover a part").press("Enter")
    slider = box.get_by_label("Cover: size")
    for _ in range(16):
        slider.press("ArrowRight")
    expect(slider).to_have_value("16")
    expect(shares.first).not_to_have_text(before[0])
    box.get_by_role("button", name="A real digit").press("Enter")
    expect(box.get_by_text("a 2", exact=True)).to_be_visible()


def test_the_units_and_all_numbers_can_be_seen(page: Page):
    box = figure(page, "draw-digit")
    by_mouse(page, box, SHAPES[0])
    box.get_by_text("What the units see").click()
    expect(box.locator(".live-map")).to_have_count(4)
    box.get_by_text("All probabilities").click()
    table = box.locator(".live-scroll table")
    for row in table.locator("tbody tr").all():
        shares = [int(text.rstrip("%")) for text in row.locator("td").all_inner_texts()]
        assert len(shares) == 10 and sum(shares) == pytest.approx(100, abs=5)


def test_networks_that_did_not_come_are_asked_for_again(page: Page):
    page.route("**/live/*.js", lambda route: route.abort())
    page.reload()
    box = figure(page, "draw-digit")
    by_mouse(page, box, SHAPES[0])
    expect(box.get_by_role("status")).to_contain_text("could not be loaded")
    page.unroute_all()
    by_mouse(page, box, SHAPES[0])
    expect(box.locator(".live-answer strong").first).to_be_visible()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(figure(page, "fit-curve").get_by_role("button", name="Train")).to_be_visible()


def error(box: Locator, name: str) -> float:
    cell = box.get_by_role("row", name=name).get_by_role("cell").first
    expect(cell).not_to_have_text("")
    return float(cell.inner_text())


def test_a_kink_is_dragged(page: Page):
    box = figure(page, "fit-curve")
    before = error(box, "yours")
    handle = box.locator(".live-handle").nth(12)  # at x = 0.5, where the curve is near its top
    area = handle.bounding_box()
    x, y = area["x"] + area["width"] / 2, area["y"] + area["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 70, steps=5)
    page.mouse.up()
    after = error(box, "yours")
    assert after < before
    expect(box.get_by_role("status")).to_have_text(f"Your error: {after:.3f}.")
    expect(box.get_by_label("Kink")).to_have_value("12")


def test_a_kink_is_moved_by_the_keyboard_and_stays_between_its_neighbours(page: Page):
    box = figure(page, "fit-curve")
    before = error(box, "yours")
    box.get_by_label("Kink").select_option(label="13")
    box.get_by_label("Height").press("PageUp")
    assert error(box, "yours") < before
    place = box.get_by_label("Place")
    place.press("End")
    assert float(place.input_value()) == pytest.approx(0.625 - 0.01, abs=0.006)


@pytest.mark.parametrize("start", ["your network", "random weights"])
def test_adam_trains_in_the_page(page: Page, start: str):
    box = figure(page, "fit-curve")
    box.get_by_label("Adam starts from").select_option(start)
    box.get_by_role("button", name="Train").press("Enter")
    expect(box.get_by_role("row", name="Adam's").get_by_role("cell").nth(1)).to_have_text("1,000")
    assert error(box, "Adam's") < error(box, "yours")  # some random starts do not get far
    box.get_by_role("button", name="Start again").press("Enter")
    expect(box.get_by_role("row", name="Adam's").get_by_role("cell").first).to_have_text("")


def test_paper_shows_the_still_picture(page: Page):
    for kind in ("draw-digit", "fit-curve"):
        expect(figure(page, kind)).to_be_visible()
    page.emulate_media(media="print")
    for box in page.locator(".live").all():
        expect(box.locator(".still")).to_be_visible()
        expect(box.locator(".live-figure")).to_be_hidden()


def test_without_scripts_the_still_picture_stays(browser: Browser, figure_page: str):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(figure_page)
        expect(page.get_by_role("img", name="In words.")).to_have_count(2)
        assert page.locator(".live-figure").count() == 0
