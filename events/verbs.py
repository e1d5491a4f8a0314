"""Journal verbs of CRM events."""

from activity.verbs import Verb

VERBS = (
    Verb("event.created", "created the event"),
    Verb("event.activated", "activated the event"),
    Verb("event.deactivated", "deactivated the event"),
    Verb("event.paused", "paused the event"),
    Verb("event.resumed", "resumed the event"),
    Verb("event.held", "held the event"),
    Verb("event.released", "released held matches of the event"),
    Verb("event.faulted", "marked the event as faulted"),
    Verb("event.retried", "had the engine try again"),
    Verb("event.recovered", "found the event working again"),
    Verb("override.created", "rerouted follow-ups"),
    Verb("override.extended", "extended the override"),
    Verb("override.ended", "ended the override"),
    Verb("override.undone", "undid the override"),
)
