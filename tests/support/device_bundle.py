"""A bundle of a person whose key is a security key."""

import os
from pathlib import Path
from unittest import mock

from archiver.app import key_events
from archiver.app.keyring import new_investigator
from tests.support.bundles import MadeBundle, capture_source, export_bundle
from tests.support.own_case import OwnCase, new_own_case
from tests.support.security_key import Device, device_agent

DEVICE = Device()


def make_device_bundle(folder: Path, *, rotated: bool = False, device: Device = DEVICE) -> MadeBundle:
    """Make a case that a device signs, and a bundle of it; ``rotated``: a key in a file had signed before."""
    own = OwnCase(folder=folder)
    with device_agent(folder / "a", device) as place, mock.patch.dict(os.environ, {"SSH_AUTH_SOCK": str(place)}):
        if not rotated:
            new_investigator(own.home, b"", from_agent="device-0")
        own = new_own_case(folder)
        capture_source(own, 1)
        if rotated:
            key_events.rotate(own.ring(), reason=None, from_agent="device-0")
            capture_source(own, 2)
        exported = export_bundle(own, folder / "bundle")
    return MadeBundle(own=own, exported=exported, trust=own.home.trust)
