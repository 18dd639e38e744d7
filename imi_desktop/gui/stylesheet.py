"""The application's style sheet, generated from the tokens of a theme.

Widgets choose among looks with the dynamic properties ``kind`` (buttons: ``primary``, ``quiet``,
``danger``; frames: ``card``, ``well``, ``note``) and ``tone`` (labels: ``ink2``, ``ink3``,
``warn``, ``error``) and ``role`` (labels: a text role of the theme).
"""

from __future__ import annotations

from imi_desktop.gui.icons import icon_path
from imi_desktop.gui.tokens import FONT_ROLES, Tokens


def stylesheet(t: Tokens) -> str:
    """Style sheet of one theme."""
    return "\n".join([_frame(t), _text(t), _buttons(t), _inputs(t), _views(t), _menus(t)])


def _frame(t: Tokens) -> str:
    return f"""
QMainWindow, QDialog, QWidget[kind="page"], QWidget[kind="window"] {{ background: {t.window}; }}
QScrollArea, QScrollArea > QWidget > QWidget[kind="canvas"] {{
    background: transparent; border: none;
}}
QFrame[kind="card"] {{
    background: {t.panel}; border: 1px solid {t.line}; border-radius: 6px;
}}
QFrame[kind="popover"], QDialog[kind="popover"] {{
    background: {t.panel}; border: 1px solid {t.control_line}; border-radius: 6px;
}}
QDialog[kind="dialog"] {{ background: {t.panel}; border: 1px solid {t.control_line}; }}
QFrame[kind="missing"] {{
    background: transparent; border: 1px dashed {t.control_line}; border-radius: 6px;
}}
QFrame[kind="well"] {{ background: {t.well}; border: none; border-radius: 0; }}
QFrame[kind="note"] {{ background: {t.warn_ground}; border: none; border-radius: 4px; }}
QFrame[kind="fault"] {{ background: {t.error_ground}; border: none; border-radius: 4px; }}
QFrame[kind="rule"] {{ background: {t.grid}; border: none; max-height: 1px; min-height: 1px; }}
QFrame[kind="edge"] {{ background: {t.line}; border: none; max-height: 1px; min-height: 1px; }}
QFrame[kind="upright"] {{ background: {t.line}; border: none; max-width: 1px; min-width: 1px; }}
QToolTip {{
    background: {t.panel}; color: {t.ink}; border: 1px solid {t.control_line};
    padding: 4px 6px; font-size: 12px;
}}
QSplitter::handle {{ background: transparent; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{ background: {t.bar_soft}; border-radius: 3px; margin: 2px; }}
QScrollBar::handle:vertical {{ min-height: 28px; }}
QScrollBar::handle:horizontal {{ min-width: 28px; }}
QScrollBar::handle:hover {{ background: {t.bar}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
"""


def _text(t: Tokens) -> str:
    roles = "\n".join(
        f'QLabel[role="{role}"] {{ font-size: {size}px; font-weight: {int(weight)}; }}'
        for role, (size, weight) in FONT_ROLES.items()
    )
    tones = "\n".join(
        f'QLabel[tone="{tone}"] {{ color: {getattr(t, tone)}; }}'
        for tone in ("ink", "ink2", "ink3", "accent", "warn", "error")
    )
    return f"""
QLabel {{ color: {t.ink}; background: transparent; }}
{roles}
{tones}
QLabel:disabled {{ color: {t.ink3}; }}
"""


def _buttons(t: Tokens) -> str:
    return f"""
QPushButton {{
    background: {t.control}; color: {t.ink}; border: 1px solid {t.control_line};
    border-radius: 4px; padding: 0 10px; min-height: 26px; font-weight: 500;
}}
QPushButton:hover {{ background: {t.hover}; }}
QPushButton:pressed {{ background: {t.control_line}; }}
QPushButton:disabled {{ background: transparent; color: {t.ink3}; border-color: {t.line}; }}
QPushButton[kind="primary"] {{
    background: {t.accent}; color: {t.on_accent}; border-color: {t.accent}; font-weight: 600;
}}
QPushButton[kind="primary"]:hover {{ border-color: {t.ink}; }}
QPushButton[kind="primary"]:pressed {{ background: {t.ink2}; color: {t.panel}; }}
QPushButton[kind="primary"]:disabled {{
    background: transparent; color: {t.ink3}; border-color: {t.line}; font-weight: 500;
}}
QPushButton[kind="danger"] {{ color: {t.error}; border-color: {t.error}; }}
QPushButton[kind="danger"]:hover {{ background: {t.error_ground}; }}
QPushButton[kind="danger"]:disabled {{ color: {t.ink3}; border-color: {t.line}; }}
QPushButton[kind="quiet"] {{
    background: transparent; border-color: transparent; color: {t.ink2};
}}
QPushButton[kind="quiet"]:hover {{ background: {t.hover}; color: {t.ink}; }}
QPushButton[kind="quiet"]:pressed {{ background: {t.control_line}; }}
QPushButton[kind="quiet"]:disabled {{ color: {t.ink3}; }}
QPushButton[kind="search"] {{ background: {t.control}; }}
QPushButton[kind="search"]:hover {{ background: {t.hover}; }}
QPushButton[scale="small"] {{ min-height: 22px; padding: 0 8px; font-size: 12px; }}
QPushButton[scale="large"] {{ min-height: 30px; padding: 0 16px; }}
QPushButton::menu-indicator {{ width: 0; }}
QToolButton {{
    background: transparent; color: {t.ink}; border: 1px solid transparent;
    border-radius: 4px; padding: 0 6px; min-height: 22px; min-width: 22px;
}}
QToolButton:hover {{ background: {t.hover}; }}
QToolButton:pressed {{ background: {t.control_line}; }}
QToolButton:disabled {{ color: {t.ink3}; }}
QToolButton::menu-indicator {{ image: none; width: 0; }}
QToolButton[kind="segment"] {{
    background: {t.control}; border: 1px solid {t.control_line}; border-radius: 0;
    padding: 0 9px; min-height: 26px; max-height: 26px; margin: 0; font-weight: 500;
}}
QToolButton[kind="segment"][place="first"] {{
    border-top-left-radius: 4px; border-bottom-left-radius: 4px; border-right: none;
}}
QToolButton[kind="segment"][place="middle"] {{ border-right: none; }}
QToolButton[kind="segment"][place="last"] {{
    border-top-right-radius: 4px; border-bottom-right-radius: 4px;
}}
QToolButton[kind="segment"][place="only"] {{ border-radius: 4px; }}
QToolButton[kind="segment"]:hover {{ background: {t.hover}; }}
QToolButton[kind="segment"]:checked {{
    background: {t.ink2}; color: {t.panel}; border-color: {t.ink2}; font-weight: 600;
}}
QToolButton[kind="segment"]:disabled {{ background: transparent; color: {t.ink3}; }}
QToolButton[kind="segment"][scale="small"] {{
    min-height: 22px; max-height: 22px; padding: 0 7px; font-size: 12px;
}}
QCheckBox, QRadioButton {{ color: {t.ink}; spacing: 8px; min-height: 24px; }}
QCheckBox:disabled, QRadioButton:disabled {{ color: {t.ink3}; }}
QCheckBox::indicator {{
    width: 16px; height: 16px; border: 1px solid {t.control_line}; border-radius: 3px;
    background: {t.field};
}}
QCheckBox::indicator:hover, QRadioButton::indicator:hover {{ background: {t.hover}; }}
QCheckBox::indicator:checked {{
    background: {t.accent}; border-color: {t.accent}; image: url({_mark("tick-on-accent", t)});
}}
QCheckBox::indicator:indeterminate {{ background: {t.bar}; border-color: {t.bar}; }}
QCheckBox::indicator:disabled {{ background: transparent; border-color: {t.line}; }}
QCheckBox::indicator:checked:disabled {{ image: url({_mark("tick-disabled", t)}); }}
QRadioButton::indicator {{
    width: 16px; height: 16px; border: 1px solid {t.control_line}; border-radius: 9px;
    background: {t.field};
}}
QRadioButton::indicator:checked {{
    border-color: {t.accent}; image: url({_mark("dot", t)});
}}
QRadioButton::indicator:disabled {{ background: transparent; border-color: {t.line}; }}
QRadioButton::indicator:checked:disabled {{ image: url({_mark("dot-disabled", t)}); }}
"""


def _inputs(t: Tokens) -> str:
    return f"""
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QDateEdit, QTimeEdit {{
    background: {t.field}; color: {t.ink}; border: 1px solid {t.control_line};
    border-radius: 4px; padding: 0 8px; min-height: 26px;
    selection-background-color: {t.selected}; selection-color: {t.ink};
}}
QAbstractSpinBox {{ max-height: 26px; }}
QLineEdit QToolButton {{ border: none; padding: 0; min-height: 0; min-width: 0; }}
QLineEdit QToolButton:hover, QLineEdit QToolButton:pressed {{ background: transparent; }}
QPlainTextEdit, QTextEdit {{
    background: {t.field}; color: {t.ink}; border: 1px solid {t.control_line};
    border-radius: 4px; padding: 4px;
    selection-background-color: {t.selected}; selection-color: {t.ink};
}}
QTextBrowser {{ background: {t.panel}; border: none; padding: 0; }}
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus,
QTextEdit:focus {{ border-color: {t.accent}; }}
QTextBrowser:focus {{ border: none; }}
QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QComboBox:disabled,
QPlainTextEdit:disabled {{ background: transparent; color: {t.ink3}; border-color: {t.line}; }}
QLineEdit[state="error"], QSpinBox[state="error"] {{ border-color: {t.error}; }}
QComboBox {{ background: {t.control}; padding-right: 4px; }}
QComboBox:hover {{ background: {t.hover}; }}
QComboBox::drop-down {{ border: none; width: 22px; }}
QComboBox::down-arrow {{ image: url({_mark("chevron", t)}); width: 12px; height: 12px; }}
QComboBox QAbstractItemView {{
    background: {t.panel}; color: {t.ink}; border: 1px solid {t.control_line}; outline: none;
    selection-background-color: {t.selected}; selection-color: {t.ink}; padding: 2px;
}}
QComboBox QAbstractItemView::item {{ min-height: 26px; padding: 0 6px; }}
QAbstractSpinBox QLineEdit {{ background: transparent; border: none; padding: 0; min-height: 0; }}
QSpinBox::up-button, QDoubleSpinBox::up-button, QSpinBox::down-button,
QDoubleSpinBox::down-button {{ border: none; background: transparent; width: 18px; }}
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow {{
    image: url({_mark("chevron-up", t)}); width: 10px; height: 10px;
}}
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {{
    image: url({_mark("chevron", t)}); width: 10px; height: 10px;
}}
QSpinBox[kind="seed"]::up-button, QSpinBox[kind="seed"]::down-button,
QSpinBox[kind="seed"]::up-arrow, QSpinBox[kind="seed"]::down-arrow {{ width: 0; }}
QSlider::groove:horizontal {{ height: 4px; background: {t.track}; border-radius: 2px; }}
QSlider::sub-page:horizontal {{ background: {t.accent}; border-radius: 2px; }}
QSlider::handle:horizontal {{
    background: {t.field}; border: 2px solid {t.accent}; width: 12px; height: 12px;
    margin: -6px 0; border-radius: 8px;
}}
QProgressBar {{ background: {t.track}; border: none; border-radius: 2px; max-height: 6px; }}
QProgressBar::chunk {{ background: {t.accent}; border-radius: 2px; }}
"""


def _views(t: Tokens) -> str:
    return f"""
QAbstractItemView {{
    background: {t.panel}; color: {t.ink}; border: none; outline: none;
    gridline-color: {t.grid}; selection-background-color: {t.selected};
    selection-color: {t.ink}; font-size: 12px;
}}
QTableView::item, QTreeView::item, QListView::item {{ padding: 0 6px; border: none; }}
QTableView::item, QTreeView::item {{ border-bottom: 1px solid {t.grid}; }}
QAbstractItemView::item:hover {{ background: {t.hover}; }}
QAbstractItemView::item:selected {{ background: {t.selected}; color: {t.ink}; }}
QListWidget::item {{ min-height: 30px; padding: 0 10px; }}
QHeaderView {{ background: {t.panel}; border: none; }}
QHeaderView::section {{
    background: {t.panel}; color: {t.ink3}; border: none; border-bottom: 1px solid {t.line};
    padding: 0 9px; min-height: 27px; font-size: 12px; font-weight: 400;
}}
QHeaderView::section:hover {{ background: {t.hover}; }}
QHeaderView::down-arrow {{ image: url({_mark("chevron", t)}); width: 10px; height: 10px; }}
QHeaderView::up-arrow {{ image: url({_mark("chevron-up", t)}); width: 10px; height: 10px; }}
QTableCornerButton::section {{ background: {t.panel}; border: none; }}
QTabWidget::pane {{ border: none; }}
QTabBar::tab {{
    background: transparent; color: {t.ink2}; border: none; padding: 6px 12px;
    border-bottom: 2px solid transparent; font-weight: 500;
}}
QTabBar::tab:hover {{ background: {t.hover}; }}
QTabBar::tab:selected {{ color: {t.ink}; border-bottom-color: {t.accent}; font-weight: 600; }}
"""


def _menus(t: Tokens) -> str:
    return f"""
QMenuBar {{ background: transparent; color: {t.ink2}; border: none; padding: 0; }}
QMenuBar::item {{ background: transparent; padding: 5px 8px; border-radius: 4px; }}
QMenuBar::item:selected {{ background: {t.hover}; color: {t.ink}; }}
QMenuBar::item:pressed {{ background: {t.control_line}; }}
QMenu {{
    background: {t.panel}; color: {t.ink}; border: 1px solid {t.control_line}; padding: 4px;
}}
QMenu::item {{ padding: 5px 24px 5px 10px; border-radius: 3px; }}
QMenu::item:selected {{ background: {t.selected}; }}
QMenu::item:disabled {{ color: {t.ink3}; }}
QMenu::icon {{ padding-left: 8px; }}
QMenu::separator {{ height: 1px; background: {t.grid}; margin: 4px 6px; }}
QStatusBar {{ background: {t.window}; color: {t.ink3}; border-top: 1px solid {t.line}; }}
QStatusBar::item {{ border: none; }}
"""


def _mark(name: str, t: Tokens) -> str:
    """File of a small mark inside a control; marks are kept ready in both themes' colours."""
    return icon_path(f"{name}-{t.name}").as_posix()
