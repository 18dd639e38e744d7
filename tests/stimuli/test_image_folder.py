"""The index says what is in a folder, what can be used, and why the rest cannot."""

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from imi_desktop.errors import StorageError
from imi_desktop.progress import Cancelled, CancelToken
from imi_desktop.stimuli.image_folder import (
    ImageFile,
    ImageFolder,
    ImageFolderError,
    index_folder,
)


def save_noise(path, seed, size=(64, 48), mode="RGB"):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).convert(mode).save(path)
    return path


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "images"
    save_noise(root / "b.png", 1)
    save_noise(root / "sub" / "deep" / "a.jpg", 2)
    save_noise(root / "grey.jpeg", 3, mode="L")
    save_noise(root / ".hidden.png", 4)
    save_noise(root / ".cache" / "thumb.png", 5)
    (root / "notes.txt").write_text("not an image, and not named like one")
    return root


def test_images_are_found_in_subfolders_and_sorted(folder):
    index = index_folder(folder)
    assert [f.path for f in index.files] == ["b.png", "grey.jpeg", "sub/deep/a.jpg"]
    first = index.files[0]
    assert first.sha256 == hashlib.sha256((folder / "b.png").read_bytes()).hexdigest()
    assert (first.width, first.height, first.mode, first.usable) == (64, 48, "RGB", True)
    assert index.files[1].mode == "L"


def test_unusable_images_are_kept_with_their_reason(folder):
    (folder / "text.jpg").write_text("Dear diary")
    whole = (folder / "sub" / "deep" / "a.jpg").read_bytes()
    (folder / "torn.jpg").write_bytes(whole[: len(whole) // 2])
    save_noise(folder / "dot.png", 6, size=(1, 1))
    index = index_folder(folder)
    assert {f.path: f.reason for f in index.unusable} == {
        "dot.png": "it has 1 × 1 px; each side needs 32",
        "text.jpg": "it is not an image",
        "torn.jpg": "the file is truncated or damaged",
    }
    assert [f.path for f in index.usable] == ["b.png", "grey.jpeg", "sub/deep/a.jpg"]


def test_the_second_of_two_equal_files_is_left_out(folder):
    (folder / "copy.png").write_bytes((folder / "b.png").read_bytes())
    index = index_folder(folder)
    assert [(f.path, f.reason) for f in index.unusable] == [
        ("copy.png", "it has the same content as b.png")
    ]


def test_the_size_is_that_of_the_upright_image(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    tmp_path.joinpath("images").mkdir()
    Image.new("RGB", (80, 40), "red").save(tmp_path / "images" / "camera.jpg", exif=exif)
    assert [(f.width, f.height) for f in index_folder(tmp_path / "images").files] == [(40, 80)]


def test_a_link_that_leads_back_up_ends(folder):
    (folder / "sub" / "again").symlink_to(folder, target_is_directory=True)
    assert len(index_folder(folder).files) == 3


def test_a_linked_folder_is_followed(folder, tmp_path):
    save_noise(tmp_path / "elsewhere" / "far.png", 9)
    (folder / "link").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    assert "link/far.png" in [f.path for f in index_folder(folder).files]


def test_progress_ends_at_the_total(folder):
    reports = []
    index_folder(folder, progress=reports.append)
    assert (reports[-1].done, reports[-1].total) == (3, 3)


def test_it_stops_when_asked(folder):
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        index_folder(folder, cancel=cancel)


class TestFoldersThatDoNotWork:
    def test_missing(self, tmp_path):
        with pytest.raises(ImageFolderError, match=r"There is no folder .*gone\."):
            index_folder(tmp_path / "gone")

    def test_a_file(self, folder):
        with pytest.raises(ImageFolderError, match="is not a folder"):
            index_folder(folder / "b.png")

    def test_empty(self, tmp_path):
        with pytest.raises(ImageFolderError, match="There is no image in"):
            index_folder(tmp_path)

    def test_nothing_usable(self, tmp_path):
        (tmp_path / "a.jpg").write_text("x")
        with pytest.raises(ImageFolderError, match=r"None of the 1 images .* a\.jpg.*not an image"):
            index_folder(tmp_path)


class TestTheFile:
    texts = st.text(
        st.characters(blacklist_categories=("Cs",), blacklist_characters="\r\0"), min_size=1
    )

    @given(
        st.lists(
            st.builds(
                ImageFile,
                path=texts,
                sha256=st.from_regex(r"[0-9a-f]{64}", fullmatch=True),
                width=st.integers(0, 10**5),
                height=st.integers(0, 10**5),
                mode=st.sampled_from(["RGB", "L", "CMYK", ""]),
                reason=st.sampled_from(["", "it is not an image", 'a "quoted", reason']),
            ),
            max_size=5,
        )
    )
    def test_what_was_written_is_read(self, tmp_path_factory, files):
        path = tmp_path_factory.mktemp("index") / "dataset.csv"
        written = ImageFolder(path.parent, tuple(files))
        written.write(path)
        assert ImageFolder.read(path, path.parent) == written

    def test_the_fingerprint_changes_with_content_and_usability(self, folder):
        before = index_folder(folder)
        assert before.fingerprint == index_folder(folder).fingerprint
        assert before.without({"b.png": "gone"}).fingerprint != before.fingerprint
        save_noise(folder / "b.png", 77)
        assert index_folder(folder).fingerprint != before.fingerprint

    def test_missing(self, tmp_path):
        with pytest.raises(StorageError, match="Index the folder again"):
            ImageFolder.read(tmp_path / "dataset.csv", tmp_path)

    @pytest.mark.parametrize(
        ("content", "complaint"),
        [
            (b"name,size\n", "column path is missing"),
            (b"path,sha256,width,height,mode,usable,reason\na,b,wide,1,RGB,true,\n", "line 2"),
            (b"\xff\xfe\x00", "not UTF-8"),
        ],
    )
    def test_damaged(self, tmp_path, content, complaint):
        (tmp_path / "dataset.csv").write_bytes(content)
        with pytest.raises(ImageFolderError, match=complaint):
            ImageFolder.read(tmp_path / "dataset.csv", tmp_path)
