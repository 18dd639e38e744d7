"""What every plot drawn with pyqtgraph has in common: it stands still and wears the theme."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtGui import QColor, QPen

from imi_desktop.gui.theme import Theme


def hold_still(plot: pg.PlotItem) -> None:
    """No buttons, no menu, no dragging, no room added round the data."""
    plot.hideButtons()
    plot.setMenuEnabled(False)
    plot.setMouseEnabled(False, False)
    plot.vb.setDefaultPadding(0)


def dress_axis(axis: pg.AxisItem, theme: Theme, lined: bool) -> None:
    """Font, ticks outwards, and colours; a line only where `lined`."""
    ink = theme.tokens.ink3
    axis.setStyle(tickFont=theme.font("axis"), tickLength=4, autoExpandTextSpace=False)
    axis.setPen(ink if lined else QPen(QColor(0, 0, 0, 0)))
    axis.setTextPen(ink)
    axis.setTickPen(ink)
