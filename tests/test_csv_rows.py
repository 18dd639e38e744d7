"""Tables written by hand are read strictly, wherever they come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from imi_desktop.csv_rows import csv_rows
from imi_desktop.errors import StorageError, UserError


class WrongTableError(UserError):
    """What these tests want to see raised."""


def read(path: Path) -> list[tuple[str, dict[str, str]]]:
    return list(csv_rows(path, ("image", "label"), WrongTableError))


def test_marks_line_ends_and_spaces_do_not_matter(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("\ufeff label ,image,more\r\ncat,b.png\n\n dog , c.png,x\r\n".encode())
    assert [row for _, row in read(path)] == [
        {"label": "cat", "image": "b.png", "more": ""},
        {"label": "dog", "image": "c.png", "more": "x"},
    ]


def test_rows_know_their_line(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('image,label\n"a\n1.png",cat\nb.png,dog\n', encoding="utf-8")
    assert read(path) == [
        (f"{path}, line 3", {"image": "a\n1.png", "label": "cat"}),
        (f"{path}, line 4", {"image": "b.png", "label": "dog"}),
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "lacks the column image"),
        (b"image;label\n", "lacks the column image; it needs image, label"),
        (b"image,label,label\n", "has the column “label” twice"),
        (b"image,label\na,b,c\n", "line 2: there are more cells than columns"),
        (b"image,label\n\xfcber,b\n", "is not a UTF-8 CSV table"),
        ("image,label\n".encode("utf-16"), "is not a UTF-8 CSV table"),
        (b'image,label\n"a,b\n', "is not a UTF-8 CSV table: unexpected end of data"),
    ],
)
def test_what_is_no_such_table_is_refused_in_a_sentence(tmp_path, content, words):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(WrongTableError, match=words) as raised:
        read(path)
    assert raised.value.sentence.endswith(".")


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(StorageError, match="Could not read"):
        read(tmp_path / "none.csv")
