"""Journal verbs of the demo."""

from activity.verbs import Verb

VERBS = (Verb("demo.loaded", "loaded the demo"),)
