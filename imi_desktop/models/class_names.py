"""Which class each output of an ImageNet classifier stands for."""

from __future__ import annotations

from timm.data import ImageNetInfo

from imi_desktop.models.entry import ModelEntry


def wordnet_ids(entry: ModelEntry) -> tuple[str, ...]:
    """WordNet id of each output; empty for networks that do not have ImageNet's 1000 classes."""
    info = ImageNetInfo()
    if entry.num_classes != info.num_classes():
        return ()
    return tuple(str(info.index_to_label_name(index)) for index in range(entry.num_classes))
