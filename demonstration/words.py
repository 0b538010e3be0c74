"""What the people of the demonstration are called and say."""

PEOPLE = (
    ("Priya Raman", "Europe/London"),
    ("Amara Okafor", "Europe/London"),
    ("Tomasz Wieczorek", "Europe/Warsaw"),
    ("Leila Haddad", "America/Toronto"),
    ("Ewan Macleod", "Europe/London"),
    ("Sam Whitfield", "Europe/London"),
    ("Ruth Mensah", "Europe/London"),
)
ISSUES = (
    (
        "How do I hand over the rota without taking it back?",
        "I have done it for six years and I know every corner of it.",
    ),
    (
        "Two of my team have not spoken to each other since spring",
        "Both are good. Both come to me instead of to each other.",
    ),
    ("I say yes too quickly", "By Thursday my week belongs to other people."),
    ("Should I apply for the post?", "It would mean leading the people I sit beside today."),
    ("A project nobody dares to stop", "Everyone knows. Everyone looks at the floor."),
)
INSIGHTS = (
    "I keep the rota because it is the one thing I know I do well.",
    "I have been waiting for somebody to give me permission.",
    "A question helped me more than the best advice of this month.",
    "",
    "I noticed how much I rehearse before I say anything.",
)
PROMISES = (
    "Give Jo the December rota on Monday and leave the file closed until it is published",
    "Ask both of them into one room this week, and say why",
    "Answer no new request before I have slept on it",
    "Ring Hannah and ask what the first year was like",
    "Put “stop or go on” on the agenda of the next steering group",
)
COMING = "If the ward rings just before five, I will join from the car park and say so on the page"
TRIED = "Whoever hosts asks the two quietest first"
PLANS = (
    "When Monday’s planning is over, I will walk over to Jo before I sit down again",
    "When I make the coffee on Wednesday, I will ask them both for ten minutes",
)
GOALS = (
    "To say no without three paragraphs of explanation.",
    "To stop being the person who has done it at midnight.",
    "Two difficult conversations that I have put off.",
)


WORDS = [
    "alder",
    "amber",
    "autumn",
    "basket",
    "beacon",
    "bramble",
    "candle",
    "cedar",
    "clover",
    "copper",
    "dusk",
    "ember",
    "fern",
    "garden",
    "harbour",
    "hazel",
    "heather",
    "island",
    "kettle",
    "lantern",
    "linden",
    "maple",
    "meadow",
    "mellow",
    "orchard",
    "pebble",
    "quiet",
    "river",
    "rowan",
    "saddle",
    "spruce",
    "thistle",
    "timber",
    "valley",
    "walnut",
    "willow",
    "window",
    "winter",
]
