"""Figures and images as files."""

from __future__ import annotations

import io
import posixpath
import uuid
from collections.abc import Mapping
from typing import Any

from ..entities import InvalidParameterValue
from ..entities.clock import now_ms
from .values import as_step, check_name

__all__ = ["encode_figure", "encode_image", "series_files"]

#: The longer side of the small copy that pages show, in pixels.
SMALL_SIDE = 256


def encode_figure(figure: Any, path: str, options: Mapping[str, Any]) -> bytes:
    """Return a figure of matplotlib or plotly in the format that a path ends with.

    Parameters
    ----------
    figure : matplotlib.figure.Figure or plotly.graph_objects.Figure
    path : str
    options : mapping
        For the method of the figure that makes the file.

    Raises
    ------
    InvalidParameterValue
        If it is no figure, or cannot be brought into that format.
    """
    kind = _extension(path)
    if callable(getattr(figure, "savefig", None)):
        buffer = io.BytesIO()
        try:
            figure.savefig(buffer, **{"format": kind or "png", **options})
        except ValueError as error:
            raise InvalidParameterValue(f"Cannot write the figure {path!r}: {error}") from error
        return buffer.getvalue()
    if callable(getattr(figure, "to_html", None)) and callable(getattr(figure, "to_image", None)):
        if kind == "html":
            return str(figure.to_html(**options)).encode("utf-8")
        if kind in ("png", "jpeg", "webp", "svg", "pdf"):
            return bytes(figure.to_image(format=kind, **options))
        raise InvalidParameterValue(f"Cannot write the figure {path!r}: plotly makes html, png, jpeg, webp, svg, pdf.")
    raise InvalidParameterValue(
        f"Cannot write the figure {path!r}: a {type(figure).__name__} is no figure of matplotlib or plotly."
    )


def encode_image(image: Any, path: str) -> bytes:
    """Return an image in the format that a path ends with.

    Parameters
    ----------
    image : numpy.ndarray, PIL.Image.Image, or an object with a ``to_pil()``
        An array has the shape (height, width), (height, width, 1), (height, width, 3) or (height, width, 4);
        integers and truth values are taken as they are, floats from 0 to 1.

    Raises
    ------
    InvalidParameterValue
        If it is no image, or the format is not known.
    """
    picture = _as_pil(image)
    registered = _formats()
    kind = registered.get(f".{_extension(path)}", "PNG")
    if kind == "JPEG" and picture.mode not in ("L", "RGB"):
        picture = picture.convert("RGB")
    return _saved(picture, kind)


def series_files(
    image: Any, key: str, step: int | None, timestamp: int | None
) -> tuple[tuple[str, bytes], tuple[str, bytes]]:
    """Return the path and bytes of an image of a series, and of its small copy.

    The names are those by which MLflow's pages find the images of a run.
    """
    check_name("metric", key)
    picture = _as_pil(image)
    moment = now_ms() if not timestamp else as_step(key, timestamp)
    flat = key.replace("/", "~")
    name = f"images/{flat}+step+{as_step(key, step or 0)}+timestamp+{moment}+{uuid.uuid4()}"
    small = picture.copy()
    small.thumbnail((SMALL_SIDE, SMALL_SIDE))
    return (f"{name}.png", _saved(picture, "PNG")), (f"{name}+compressed.webp", _saved(small, "WEBP"))


def _saved(picture: Any, kind: str) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format=kind)
    return buffer.getvalue()


def _extension(path: str) -> str:
    extension = posixpath.splitext(path)[1].lstrip(".").lower()
    return "jpeg" if extension == "jpg" else extension


def _pil() -> Any:
    try:
        from PIL import Image
    except ImportError as error:
        raise InvalidParameterValue("Logging an image needs Pillow: pip install pillow.") from error
    return Image


def _formats() -> dict[str, str]:
    """Return which format of Pillow an extension, with its dot, means."""
    return dict(_pil().registered_extensions())


def _as_pil(image: Any) -> Any:
    library = _pil()
    if isinstance(image, library.Image):
        return image
    if callable(getattr(image, "to_pil", None)):
        return image.to_pil()
    if not hasattr(image, "dtype") or not hasattr(image, "shape"):
        raise InvalidParameterValue(f"A {type(image).__name__} is no image: give a NumPy array or a PIL image.")
    import numpy

    array = numpy.asarray(image)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.size == 0 or not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4))):
        raise InvalidParameterValue(
            f"An array of the shape {array.shape} is no image: height and width, and 1, 3 or 4 channels are expected."
        )
    return library.fromarray(_as_bytes(array))


def _as_bytes(array: Any) -> Any:
    """Return the pixels as 8-bit integers."""
    import numpy

    kind = array.dtype.kind
    if kind == "b":
        return array.astype(numpy.uint8) * 255
    if kind in "iu":
        if array.min() < 0 or array.max() > 255:
            raise InvalidParameterValue("The pixels of an image of integers must be from 0 to 255.")
        return array.astype(numpy.uint8)
    if kind == "f":
        if not numpy.isfinite(array).all() or array.min() < 0:
            raise InvalidParameterValue("The pixels of an image of floats must be from 0 to 1.")
        # From 0 to 1, or, as some libraries hand them over, already up to 255.
        scale = 255 if array.max() <= 1 else 1
        if array.max() > 255:
            raise InvalidParameterValue("The pixels of an image of floats must be from 0 to 1.")
        return (array * scale).astype(numpy.uint8)
    raise InvalidParameterValue(f"An array of {array.dtype} is no image.")
