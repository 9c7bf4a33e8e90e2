"""Whether the texts of the sidebar can be read on what is behind them."""

from typing import cast

from playwright.sync_api import Page

#: The least contrast of small text by WCAG 2.2, success criterion 1.4.3; what cannot be used now is exempt.
_LEAST = 4.5

# Relative luminance and contrast as WCAG defines them; colours that let others through are laid over those.
_FAINT_TEXTS = """least => {
    const channels = colour => {
        const [red, green, blue, alpha = 1] = colour.match(/[\\d.]+/g).map(Number);
        const scale = colour.startsWith("color(") ? 255 : 1;
        return [red * scale, green * scale, blue * scale, alpha];
    };
    const over = (front, back) => [0, 1, 2].map(each => front[each] * front[3] + back[each] * (1 - front[3]));
    const luminance = colour => {
        const [red, green, blue] = colour.map(each => {
            const part = each / 255;
            return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const contrast = (one, other) => {
        const [dark, light] = [luminance(one), luminance(other)].sort((less, more) => less - more);
        return (light + 0.05) / (dark + 0.05);
    };
    const faint = [];
    const texts = document.createTreeWalker(document.querySelector("#jupyter-track"), NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const text = texts.currentNode.textContent.trim();
        const element = texts.currentNode.parentElement;
        if (text === "" || !element.checkVisibility() || element.closest(".jt-Hidden, :disabled") !== null) {
            continue;
        }
        const around = [];
        for (let each = element; each !== null; each = each.parentElement) {
            around.unshift(getComputedStyle(each));
        }
        const back = around.reduce((below, style) => over(channels(style.backgroundColor), below), [255, 255, 255]);
        const front = channels(getComputedStyle(element).color);
        front[3] *= around.reduce((opacity, style) => opacity * Number(style.opacity), 1);
        const found = contrast(over(front, back), back);
        if (found < least) {
            faint.push(`${text}: ${found.toFixed(2)}`);
        }
    }
    return faint;
}"""


def faint_texts(page: Page) -> list[str]:
    """Return the texts of the sidebar with too little contrast, each with its contrast."""
    page.mouse.move(0, 0)
    return cast(list[str], page.evaluate(_FAINT_TEXTS, _LEAST))
