"""Addresses that are hard to write: IPv6, and names that no computer can have."""

import pytest

from imi_desktop.gui.workbench import cluster_address
from imi_desktop.gui.workbench.cluster_address import SchedulerAddressError, whole_address


@pytest.mark.parametrize(
    ("text", "whole"),
    [("[::1]", "tcp://[::1]:8786"), ("tls://[fe80::1]:9000", "tls://[fe80::1]:9000")],
)
def test_addresses_of_ipv6_keep_their_brackets(text: str, whole: str) -> None:
    assert whole_address(text) == whole
    assert whole_address(whole) == whole


@pytest.mark.parametrize("text", ["tcp://[::1", "fe80::1", "tcp://[host]:1"])
def test_brackets_that_are_missing_or_wrong_are_told(text: str) -> None:
    with pytest.raises(SchedulerAddressError) as error:
        whole_address(text)
    assert "tcp://" in error.value.sentence


@pytest.mark.parametrize("name", ["host..name", "a" * 64])
def test_names_that_no_computer_can_have_are_told(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_address, "has_dask", lambda: True)
    with pytest.raises(SchedulerAddressError) as error:
        cluster_address.require_scheduler(name)
    assert "name of a computer" in error.value.sentence
