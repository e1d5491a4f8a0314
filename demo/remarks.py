"""What the people of the demo say and note down."""

from crm.models import Action, Communication

Outcome, Channel = Action.Outcome, Communication.Channel

# What a call about a follow-up ends with, and the note that is left behind.
NOTES: dict[str, tuple[str, ...]] = {
    Outcome.ORDER: (
        "Order is coming this week, mostly repeats of the last one.",
        "They were only waiting for the budget; order follows.",
        "Wants the same range again, larger quantities of the bags.",
        "Asked for the delivery date and is placing the order today.",
        "Took the offer on full cartons and orders online.",
    ),
    Outcome.REACHED: (
        "Spoke at length: stock is enough until next month.",
        "All fine, happy with the last delivery. Call again before the season.",
        "New buyer since last month; introduced myself and sent the catalogue.",
        "Wants samples of the new lanterns before deciding.",
        "Delivery came a day late, nothing broken. Apologised.",
        "Asked for a price on larger quantities; sent by e-mail.",
        "They reorder by quarter, next time in about five weeks.",
    ),
    Outcome.NO_INTEREST: (
        "Reduces the gift section, no orders planned for now.",
        "Buys from a local supplier at present; price was the reason.",
        "Shop is being rebuilt, nothing before spring.",
    ),
    Outcome.NO_ANSWER: (
        "Rang twice, no answer.",
        "Voicemail; left my number.",
        "Buyer out today, back tomorrow.",
    ),
    Outcome.NOT_RELEVANT: (
        "Buys once a year for the market, no call needed.",
        "Same owner as another account, ordered there.",
    ),
    Outcome.GOAL_MET: ("Ordered in the meantime, thanked them.", "Order came in before I reached them."),
}
PACKAGE_NOTES = (
    "Package sent by second-class post, address confirmed.",
    "Sent with the price list and two sample cards.",
    "Sent; main contact corrected on the way.",
)
SUBJECTS: dict[str, str] = {
    "NOORDER60": "Asked about the missing order",
    "FIRSTORDER": "Thanked for the first order",
}
# Conversations that no follow-up asked for: channel, who began, subject.
CHATS = (
    (Channel.EMAIL, "in", "Question about a delivery date"),
    (Channel.EMAIL, "in", "Asked for the new price list"),
    (Channel.EMAIL, "out", "Sent pictures of the autumn range"),
    (Channel.CALL, "in", "Wants to change the delivery address"),
    (Channel.CALL, "out", "Courtesy call"),
    (Channel.CALL, "in", "Reported a broken teapot in the last parcel"),
    (Channel.VISIT, "out", "Visited the shop, looked at the shelf together"),
    (Channel.MEETING, "out", "Met at the trade fair"),
    (Channel.EMAIL, "in", "Asked for a copy of the invoice"),
    (Channel.CALL, "in", "Asked whether the bunting is back in stock"),
)
# Follow-ups that people add by hand: kind and title.
ERRANDS = (
    (Action.Kind.EMAIL, "Send the price list for full cartons"),
    (Action.Kind.CALL, "Call back about the sample order"),
    (Action.Kind.TASK, "Check why the last parcel was late"),
    (Action.Kind.EMAIL, "Send pictures of the new lanterns"),
    (Action.Kind.VISIT, "Arrange a visit before the season"),
    (Action.Kind.CALL, "Ask for the new delivery address"),
)
SNOOZE_REASONS = ("Buyer is on holiday.", "Asked to be called next week.")
HAND_OVER_REASONS = ("You know the buyer better.", "This belongs with your other shops of the same owner.")
