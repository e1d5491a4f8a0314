"""Journal verbs of the catalog."""

from activity.verbs import Verb

VERBS = (Verb("item.created", "created the item"), Verb("item.changed", "changed the item"))
