"""The words that invented companies, people and remarks are put together from."""

from crm.models import Customer

Kind = Customer.Kind


def listed(text: str) -> tuple[str, ...]:
    """The words of ``text``."""
    return tuple(text.split())


SURNAMES = listed(
    "Abbott Ashworth Atherton Bancroft Barlow Beckett Bellamy Birch Blackwood Bramley Brereton Calder "
    "Carlisle Chadwick Cobham Colby Corbett Crawley Dalton Darnell Denholm Draycott Easton Elwood Fairfax "
    "Farrow Fenwick Finch Foxley Garrick Gilmour Goodwin Graham Greenhalgh Halliwell Hartley Hawthorn "
    "Hayward Hollis Holt Huxley Ingram Jessop Kendal Kettering Kirkham Lambourne Langdale Larkin Lockwood "
    "Lowther Maddox Marlow Maynard Mellor Merriden Milburn Newbury Norwood Oakley Ormond Paxton Pembury "
    "Penrose Pickering Prescott Quinton Radcliffe Ramsden Redfern Rowley Rushton Sandford Selwyn Shelby "
    "Stanhope Swales Tarrant Thorne Tolland Underhill Verity Wainwright Walford Westcott Whitlock Wickham "
    "Winslow Wycliffe Yardley"
)
FIRST_NAMES = listed(
    "Adele Aidan Alice Amir Anita Anna Arthur Asha Beatrice Ben Bridget Callum Cara Charlotte Clive "
    "Daphne Deborah Dev Donna Edith Elena Eric Esther Fiona Frank Gareth Georgia Gwen Harriet Hassan "
    "Hazel Helen Hugo Ida Imogen Isaac Ivy Jack Jasmine Joan Joel Karen Kate Keith Laila Laura Leo Lewis "
    "Lydia Malik Marcus Maria Martin Maya Meera Miles Miriam Nadia Nathan Nicola Nina Oliver Olivia Owen "
    "Paula Pauline Philip Poppy Rachel Ravi Rebecca Rhys Robin Rosa Rupert Ruby Sally Samir Sarah Simon "
    "Stella Susan Tara Teresa Theresa Toby Tom Una Vera Victor Wendy William Yasmin Zoe"
)

ADJECTIVES = listed(
    "Amber Blue Brass Bright Copper Crooked Curious Gilded Golden Green Happy Hidden Ivory Kind Little "
    "Lucky Merry Old Painted Paper Quiet Red Rusty Scarlet Silver Spotted Striped Tall Velvet White Wild "
    "Willow Wooden"
)
THINGS = listed(
    "Acorn Anchor Apron Barn Basket Bell Bobbin Button Candle Clover Cottage Cuckoo Dormouse Dove Feather "
    "Fern Finch Fox Gate Hare Heron Kettle Ladder Lantern Larder Magpie Mitten Moth Owl Parcel Pebble "
    "Pepperpot Plum Quill Ribbon Robin Rowan Saddle Sparrow Spool Teapot Thimble Thistle Thread Trunk "
    "Tulip Wren"
)
LANES = listed(
    "Abbey Arcade Bridge Canal Castle Chapel Church Cloister Cross Ferry Harbour High Kiln Lock Market "
    "Meadow Mill Minster Orchard Priory Quay Saddler Station Tannery Tower Weaver Well"
)
WAYS = ("Street", "Lane", "Road", "Row", "Yard", "Parade", "Way", "Walk")

# What a company does, as the last word of its name, and the trade that makes it.
TRADES = (
    ("Gifts", Kind.RETAIL),
    ("Gift Shop", Kind.RETAIL),
    ("Cards and Gifts", Kind.RETAIL),
    ("Interiors", Kind.RETAIL),
    ("Home", Kind.RETAIL),
    ("Homewares", Kind.RETAIL),
    ("Stationers", Kind.RETAIL),
    ("Toys and Gifts", Kind.RETAIL),
    ("Florist", Kind.RETAIL),
    ("Garden Centre", Kind.RETAIL),
    ("Department Store", Kind.RETAIL),
    ("Museum Shop", Kind.RETAIL),
    ("Emporium", Kind.RETAIL),
    ("Wholesale", Kind.WHOLESALE),
    ("Trading", Kind.WHOLESALE),
    ("Supplies", Kind.WHOLESALE),
    ("Distribution", Kind.WHOLESALE),
    ("Gifts Online", Kind.ONLINE),
    ("Gift Boxes", Kind.ONLINE),
    ("Party Box", Kind.ONLINE),
    ("Tea Rooms", Kind.HOSPITALITY),
    ("Farm Shop", Kind.HOSPITALITY),
    ("Guest House", Kind.HOSPITALITY),
    ("Events", Kind.HOSPITALITY),
    ("Print Works", Kind.INDUSTRY),
    ("Packaging", Kind.INDUSTRY),
)

# Town, outward postcode, and the telephone numbers that are kept free for invented people.
NORTH = (
    ("Leeds", "LS1", "0113 496 0"),
    ("Sheffield", "S1", "0114 496 0"),
    ("Manchester", "M2", "0161 496 0"),
    ("Liverpool", "L1", "0151 496 0"),
    ("Newcastle upon Tyne", "NE1", "0191 498 0"),
    ("Edinburgh", "EH2", "0131 496 0"),
    ("Glasgow", "G1", "0141 496 0"),
    ("York", "YO1", "01632 960"),
    ("Harrogate", "HG1", "01632 960"),
    ("Kendal", "LA9", "01632 960"),
    ("Durham", "DH1", "01632 960"),
    ("Halifax", "HX1", "01632 960"),
    ("Chester", "CH1", "01632 960"),
    ("Perth", "PH1", "01632 960"),
)
SOUTH = (
    ("London", "N1", "020 7946 0"),
    ("London", "SE1", "020 7946 0"),
    ("London", "W4", "020 7946 0"),
    ("Birmingham", "B3", "0121 496 0"),
    ("Nottingham", "NG1", "0115 496 0"),
    ("Leicester", "LE1", "0116 496 0"),
    ("Bristol", "BS1", "0117 496 0"),
    ("Reading", "RG1", "0118 496 0"),
    ("Cardiff", "CF10", "029 2018 0"),
    ("Bath", "BA1", "01632 960"),
    ("Brighton", "BN1", "01632 960"),
    ("Canterbury", "CT1", "01632 960"),
    ("Exeter", "EX1", "01632 960"),
    ("Norwich", "NR2", "01632 960"),
    ("Oxford", "OX1", "01632 960"),
    ("Winchester", "SO23", "01632 960"),
    ("Shrewsbury", "SY1", "01632 960"),
)

# Abroad, by language: surnames, first names, and how companies are called; the last one is a wholesaler.
ABROAD: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "German": (
        "Albrecht Brandl Drexler Eichhorn Falk Gruber Hartwig Kessler Lindner Pohl Reuter Sommerfeld",
        "Anja Bernd Claudia Dirk Eva Jürgen Katrin Markus Sabine Uwe",
        ("Geschenkhaus {}", "{} Wohnen", "Papeterie {}", "{} Handel"),
    ),
    "French": (
        "Aubert Bellanger Cordier Delorme Fabre Giraud Lacombe Marchand Perrin Rousselot Vasseur",
        "Aline Bruno Céline Didier Élise Hervé Julie Luc Margaux Yves",
        ("Maison {}", "Atelier {}", "{} Cadeaux", "{} Distribution"),
    ),
    "Southern": (
        "Almeida Barros Cardoso Esteves Ferrante Galindo Lombardi Moreno Navarro Romano Teixeira",
        "Ana Bruno Carla Diego Elena Luca Marta Paolo Rita Tiago",
        ("Casa {}", "Bazar {}", "Studio {}", "{} Import"),
    ),
    "Nordic": (
        "Aaltonen Berglund Dahl Ekström Fjeld Holmqvist Lassen Nyberg Sandvik Sørensen Virtanen",
        "Astrid Bjørn Elsa Henrik Ingrid Kaisa Lars Mette Nils Sanna",
        ("{} Butik", "{} Interior", "{} Design", "{} Handel"),
    ),
    "Other": (
        "Brennan Callaghan Doyle Fraser Harrow Keane Lawler Mercer Nolan Tully Whelan",
        "Aoife Brendan Claire Declan Hannah Ken Leah Niall Orla Ruth",
        ("{} Gift Company", "The {} Store", "{} Home", "{} Imports"),
    ),
}
# Country as the orders name it: language and towns. Countries that are not listed speak "Other".
COUNTRIES = {
    "Germany": ("German", "Berlin Hamburg Köln Leipzig Bremen München"),
    "Austria": ("German", "Graz Wien Linz"),
    "Switzerland": ("German", "Basel Zürich Bern"),
    "France": ("French", "Lyon Nantes Lille Bordeaux Rennes Dijon"),
    "Belgium": ("French", "Bruxelles Liège Namur"),
    "Spain": ("Southern", "Sevilla Valencia Bilbao"),
    "Portugal": ("Southern", "Porto Lisboa Coimbra"),
    "Italy": ("Southern", "Bologna Torino"),
    "Malta": ("Southern", "Valletta"),
    "Cyprus": ("Southern", "Larnaca"),
    "Greece": ("Southern", "Volos"),
    "Sweden": ("Nordic", "Göteborg Malmö"),
    "Norway": ("Nordic", "Oslo Bergen"),
    "Denmark": ("Nordic", "Aarhus Odense"),
    "Finland": ("Nordic", "Helsinki Turku"),
    "Lithuania": ("Nordic", "Vilnius"),
    "Poland": ("Nordic", "Gdańsk Kraków"),
    "EIRE": ("Other", "Dublin Galway Cork"),
    "Canada": ("Other", "Toronto Halifax"),
    "Australia": ("Other", "Sydney Perth"),
    "Singapore": ("Other", "Singapore"),
    "Japan": ("Other", "Tokyo"),
    "Lebanon": ("Other", "Beirut"),
    "Israel": ("Other", "Haifa"),
}

JOBS = ("Owner", "Buyer", "Head buyer", "Shop manager", "Purchasing", "Managing director", "Accounts")
