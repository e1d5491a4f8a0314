"""Journal verbs of customers and the work on them."""

from activity.verbs import Verb

VERBS = (
    Verb("customer.created", "created the customer", wakes=True),
    Verb("customer.changed", "changed the customer"),
    Verb("customer.owner_changed", "changed the account owner"),
    Verb("customer.shared", "shared the customer"),
    Verb("customer.unshared", "took a share back"),
    Verb("customer.archived", "archived the customer"),
    Verb("contact.created", "created the contact"),
    Verb("contact.changed", "changed the contact"),
    Verb("contact.linked", "linked the contact"),
    Verb("contact.unlinked", "ended the contact's link"),
    Verb("contact.archived", "archived the contact"),
    Verb("communication.logged", "logged a conversation"),
    Verb("action.created", "created the follow-up"),
    Verb("action.assigned", "assigned the follow-up"),
    Verb("action.claimed", "claimed the follow-up"),
    Verb("action.started", "started the follow-up"),
    Verb("action.attempted", "tried, without an answer"),
    Verb("action.snoozed", "snoozed the follow-up"),
    Verb("action.woken", "took the follow-up out of snooze"),
    Verb("action.handed_over", "handed the follow-up over"),
    Verb("action.rerouted", "rerouted the follow-up"),
    Verb("action.returned", "gave the follow-up back"),
    Verb("action.closed", "closed the follow-up"),
    Verb("action.reopened", "opened the follow-up again"),
    Verb("action.superseded", "superseded the follow-up"),
    Verb("action.goal_met", "noted that the goal of the follow-up was met"),
)
