"""Both kinds of surface show the same pixels and say when."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.display

SCRIPT = """
import json, subprocess, sys, time
from PySide6.QtCore import QTimer
from PySide6.QtGui import QColor, QImage, Qt
from PySide6.QtWidgets import QApplication
from imi_desktop.display.places import Rect
from imi_desktop.gui.presenter.picture import Patch, Picture, blank
from imi_desktop.gui.presenter.surface import GlSurface, RasterSurface
app = QApplication([])
surface = {"gl": GlSurface, "raster": RasterSurface}[sys.argv[1]]()
base = blank(640, 480)
base.setPixelColor(3, 5, QColor("#102030"))
red = QImage(20, 10, QImage.Format.Format_RGB32)
red.fill(QColor("#C01020"))
pictures = [Picture(), Picture(base), Picture(base, (Patch(Rect(100, 200, 20, 10), red),))]
told = []
def shown(at):
    told.append([at.requested_ns, at.swapped_ns])
    if pictures:
        following = pictures.pop(0)
        surface.prepare(following)
        surface.present(following, shown)
    else:
        QTimer.singleShot(200, finish)
def finish():
    subprocess.run(["import", "-window", "root", sys.argv[2]], check=True)
    surface.close()
    print(json.dumps({"told": told, "visible": surface.isVisible(), "now": time.monotonic_ns()}))
    surface.closing = True
    surface.release()
    app.quit()
surface.setFlags(Qt.WindowType.FramelessWindowHint)
surface.setGeometry(0, 0, 640, 480)
surface.show()
surface.present(pictures.pop(0), shown)
app.exec()
"""


@pytest.mark.parametrize("kind", ["gl", "raster"])
def test_surface_shows_and_stamps(x_server, tmp_path, kind):
    shot = tmp_path / "shot.png"
    environment = os.environ | {
        "DISPLAY": x_server,
        "QT_QPA_PLATFORM": "xcb",
        "QT_ENABLE_HIGHDPI_SCALING": "0",
    }
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT, kind, str(shot)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr
    told = json.loads(result.stdout.splitlines()[-1])
    assert told["visible"], "a surface refuses to be closed by the window system"
    times = [moment for pair in told["told"] for moment in pair]
    assert times == sorted(times) and times[-1] < told["now"]
    pixels = np.asarray(Image.open(shot).convert("RGB"))[:480, :640]
    assert tuple(pixels[5, 3]) == (0x10, 0x20, 0x30)
    assert (pixels[200:210, 100:120] == [0xC0, 0x10, 0x20]).all()
    assert (pixels[300:] == 128).all()
