"""What is counted for Prometheus. Labels hold words of ours only, never anything from a request."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

webhooks_refused = Counter("webhooks_refused_total", "Webhooks without a valid signature.")
answers_failed = Counter("answers_failed_total", "Webhooks whose answer failed in our own code.")
moves = Counter("moves_total", "What callers were answered.", ["move"])
prompts_missing = Counter("prompts_missing_total", "Prompts missing in a language.", ["language", "prompt"])
roster_refused = Gauge("roster_refused", "1 while the roster in force is older than the file.")

journal_events = Counter("journal_events_total", "Events that are on disk in the journal.")
journal_late = Counter("journal_late_total", "Appends that were answered before they were on disk.")
journal_lost = Counter("journal_lost_total", "Events the journal could not keep at all.")
journal_faults = Counter("journal_faults_total", "Reads and writes of the journal that failed.", ["fault"])
log_fields_dropped = Counter("log_fields_dropped_total", "Log fields left out: their name is not listed.")
log_lines_lost = Counter("log_lines_lost_total", "Log lines that could not be written.")

recorded = Counter("recorded_events_total", "Events recorded in the logbook.")
recording_failed = Counter(
    "recording_failures_total", "Drains of the journal that failed, by reason.", ["reason"]
)
orphans = Counter("orphan_callbacks_total", "Status callbacks for calls nobody knows.")
alerts = Counter("alerts_total", "Alerts raised.", ["reason"])
outgoing = Counter(
    "outgoing_total", "Texts, e-mails and calls to people, by what became of an attempt.", ["kind", "state"]
)
checkins = Counter("checkins_total", "Check-ins at the start of a shift, by what became of them.", ["state"])
holes_told = Counter("holes_told_total", "Gaps and thin cover ahead told to coordinators.", ["hole"])
logins = Counter("logins_total", "Steps of log-ins, by what became of them.", ["outcome"])
heartbeat = Gauge("scheduler_heartbeat_seconds", "When the scheduler last ran, in seconds since 1970.")
