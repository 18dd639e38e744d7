"""What a record of a journal says to whoever runs the session: everything but the answer."""

from __future__ import annotations

from imi_desktop.gui.widgets.format import number, plural, seconds
from imi_desktop.recording.records import Record


def record_words(record: Record) -> str:
    """One line about a record, without what was answered."""
    data = record.data
    if record.type == "trial_shown":
        return _trial_shown(data)
    if record.type == "response":
        reaction_time = (data["response_ns"] - data["onset_ns"]) / 1e9
        return f"trial {data['trial']}, {seconds(reaction_time)}"
    if record.type == "answer_durable":
        return f"trial {data['trial']}, {number(data['after_click_ms'], 1)} ms after the click"
    if record.type == "feedback":
        return f"trial {data['trial']}"
    if record.type in {"page_shown", "page_done"}:
        return str(data["page"]).replace("_", " ")
    if record.type == "consent":
        return "given" if data["choice"] == "continue" else "declined"
    if record.type == "answer_text":
        return f"{data['page']}".replace("_", " ") + ", answer left out"
    if record.type == "frame_missed":
        return f"{plural(int(data.get('frames', 1)), 'frame')} before {data.get('before', '')}"
    if record.type in {"paused", "aborted", "excluded", "included", "failed"}:
        return str(data.get("reason", "")).replace("_", " ")
    if record.type in {"session_ended", "interrupted"}:
        return plural(int(data.get("answers", 0)), "answer")
    if record.type == "session_started":
        return plural(int(data.get("trials", 0)), "trial")
    if record.type == "torn_line_cut":
        return f"{plural(int(data['bytes']), 'byte')} kept in {data['kept_in']}"
    if record.type == "screen_saver":
        return "held off by " + (", ".join(data.get("held_off_by", ())) or "nothing")
    if record.type == "note":
        return f"“{data.get('text', '')}”"
    return ""


def _trial_shown(data: dict) -> str:
    parts = [f"trial {data['trial']}"]
    if data.get("attempt", 1) > 1:
        parts.append(f"attempt {data['attempt']}")
    if data.get("catch"):
        parts.append("catch")
    preparation = data.get("display", {}).get("preparation_ms")
    if preparation is not None:
        parts.append(f"prepared in {number(preparation, 0)} ms")
    return ", ".join(parts)
