"""An invented household's shelves: nothing here was ever published."""

from typing import Any

DUST = (
    "A surveyor is sent to measure a valley that every map shows differently. The people who live there "
    "have an answer, and would rather keep it."
)
KEEPER = "Two sisters inherit a lighthouse, its debts, and a logbook in which tomorrow is already written."


def _film(
    title: str, year: int, director: str, cast: str, genres: str, form: str, **more: Any
) -> dict[str, Any]:
    people = [{"name": director, "role": "director"}]
    people += [{"name": name, "role": "actor"} for name in cast.split(", ")]
    return _record("movie", title, year, people, genres, form, **more)


def _series(title: str, year: int, creator: str, genres: str, form: str, **more: Any) -> dict[str, Any]:
    return _record("tv_series", title, year, [{"name": creator, "role": "creator"}], genres, form, **more)


def _book(title: str, year: int, author: str, genres: str, form: str, **more: Any) -> dict[str, Any]:
    return _record("book", title, year, [{"name": author, "role": "author"}], genres, form, **more)


def _record_of(title: str, year: int, artist: str, genres: str, form: str, **more: Any) -> dict[str, Any]:
    return _record("music", title, year, [{"name": artist, "role": "artist"}], genres, form, **more)


def _game(title: str, year: int, developer: str, genres: str, form: str, **more: Any) -> dict[str, Any]:
    return _record("game", title, year, [{"name": developer, "role": "developer"}], genres, form, **more)


def _comic(title: str, year: int, writer: str, genres: str, form: str, **more: Any) -> dict[str, Any]:
    return _record("comic", title, year, [{"name": writer, "role": "writer"}], genres, form, **more)


def _record(
    kind: str, title: str, year: int, people: list[dict[str, str]], genres: str, form: str, **more: Any
) -> dict[str, Any]:
    return {
        "media_type": kind,
        "title": title,
        "year": year,
        "people": people,
        "genres": genres.split(", "),
        "format": form,
        **more,
    }


TITLES: list[dict[str, Any]] = [
    _film("The Salt Road", 1961, "Ilse Marwitz", "Tomas Ek, Nadja Orlow", "Adventure, Drama", "Blu-ray",
          rating=8.1, runtime=141, overview=DUST, location="Shelf A 1", certification="12",
          original_title="Die Salzstraße", release_date="1961-10-06"),
    _film("Night Ferry to Arkö", 1974, "Ilse Marwitz", "Tomas Ek, Britt Sandén", "Thriller", "DVD", rating=7.4,
          runtime=98, location="Shelf A 1"),
    _film("Paper Lanterns", 1988, "Kenji Aramaki", "Yui Hoshino, Ren Okada", "Drama", "Blu-ray", rating=7.9,
          runtime=112),
    _film("Seven Kinds of Rain", 2003, "Amara Diallo", "Fatou Ba, Luc Perrin", "Drama, Romance", "DVD", rating=7.2),
    _film("The Orchard Thieves", 1996, "Colm Brannigan", "Sheila Dunne, Pat Rooke", "Comedy, Family", "Digital",
          rating=6.8, runtime=94),
    _film("Glass Harbour", 2017, "Amara Diallo", "Fatou Ba, Ines Quaresma", "Thriller, Crime", "4K UHD", rating=7.6,
          runtime=121, certification="16", trailer_url="https://example.org/glass-harbour"),
    _film("A Clock Without Hands", 1956, "Ruben Halvorsen", "Greta Lind, Olaf Moe", "Mystery", "Blu-ray", rating=8.0),
    _film("Orbit of the Swallow", 2021, "Priya Raghunathan", "Dev Malhotra, Lena Fischer",
          "Science Fiction, Adventure", "4K UHD", rating=7.8, runtime=134),
    _film("The Last Tram to Lindenau", 1982, "Hannes Vogt", "Käthe Brandl, Uwe Stern", "Drama, History", "DVD",
          original_title="Die letzte Straßenbahn nach Lindenau"),
    _film("Small Hours", 2011, "Sana Qureshi", "Omar Siddiqi, Jane Calloway", "Romance", "Digital", rating=6.5),
    _film("Тихая вода", 1979, "Лев Горин", "Анна Белова, Пётр Зорин", "Drama", "DVD", rating=8.2, runtime=127,
          original_title="Тихая вода"),
    _film("Ο φάρος και το κύμα", 1968, "Νίκος Βαλέρης", "Ελένη Καρρά", "Drama, Romance", "Blu-ray", rating=7.3),
    _film("月下的渡船", 1993, "林若水", "陈望, 周小棠", "Drama, Fantasy", "Blu-ray", rating=8.4, runtime=119),
    _film("The Man Who Wound the Town", 1934, "Edgar Plumley", "Cecil Hart", "Comedy", "VHS"),
    _film("Under the Copper Dome", 2008, "Ruben Halvorsen", "Greta Lind, Jonas Aas", "Crime, Mystery", "DVD",
          rating=7.0),
    _film("Half a Compass", 2019, "Sana Qureshi", "Omar Siddiqi, Mei Tan", "Adventure, Family", "Blu-ray", rating=7.1),
    _film("Winter Quarters", 1949, "Edgar Plumley", "Cecil Hart, Maud Ives", "War, Drama", "DVD", rating=7.7),
    _film("Everything the Tide Forgot to Take Along on Its Long Way Home", 2015, "Colm Brannigan", "Sheila Dunne",
          "Documentary", "Digital", rating=6.9, runtime=83),
    _film("Ember", 2023, "Priya Raghunathan", "Lena Fischer, Dev Malhotra", "Thriller", "4K UHD", rating=6.7,
          ownership="ordered"),
    _film("The Cartographer’s Daughter", 2001, "Kenji Aramaki", "Yui Hoshino", "Adventure, Fantasy", "DVD",
          rating=7.5, location="Lent to Jonas"),
    _film("Count to None", 1971, "Hannes Vogt", "Uwe Stern, Käthe Brandl", "Crime", "Blu-ray"),
    _film("Blue Hour, Red Hour", 1999, "Luc Perrin", "Ines Quaresma, Fatou Ba", "Drama", "DVD", rating=7.0),
    _series("The Keepers", 2014, "Maren Solheim", "Drama, Mystery", "Blu-ray", rating=8.6, network="Kanal Nord",
            overview=KEEPER, certification="12",
            seasons=[(1, 8, 8, True), (2, 8, 8, True), (3, 10, 6, False)]),
    _series("Platform Nine and a Quarter to Four", 2019, "Gwen Astley", "Comedy", "DVD", rating=7.4,
            network="Brook Television", seasons=[(1, 6, 6, True)]),
    _series("Second Watch", 2009, "Dorian Pell", "Crime", "DVD", rating=8.0, network="Meridian",
            seasons=[(1, 12, 12, True), (2, 12, 12, True), (3, 12, 0, False), (4, 12, 12, True)]),
    _series("Деревня у моста", 2016, "Ольга Лаврова", "Drama, Family", "Digital", rating=7.7,
            seasons=[(1, 10, 10, True)]),
    _series("Tin Moon", 2022, "Priya Raghunathan", "Science Fiction", "4K UHD", rating=8.3, network="Lumen",
            seasons=[(1, 8, 8, True), (2, 8, 3, False)]),
    _series("Grandmother Knows Eleven Roads", 1987, "Britt Sandén", "Family, Adventure", "VHS"),
    _book("The Inventory of Quiet Things", 2012, "Margit Olander", "Novel", "Hardcover",
          details={"publisher": "Heron & Daughters", "pages": 384}, location="Study 3"),
    _book("A Field Guide to Imaginary Rivers", 2018, "Tobias Wren", "Essays, Nature", "Paperback",
          details={"publisher": "Lark Press", "pages": 212}),
    _book("Der Sommer der Schreiber", 1983, "Johanna Kestner", "Novel", "Paperback", location="Study 1"),
    _book("On the Mending of Clocks", 1907, "A. P. Thistlewood", "Essays", "Hardcover", notes="First printing, foxed."),
    _book("Сад за рекой", 1968, "Вера Ладогина", "Novel", "Hardcover"),
    _book("Τα τετράδια του νησιού", 1954, "Σοφία Μελά", "Poetry", "Paperback"),
    _book("山中四季", 1985, "沈青禾", "Poetry, Nature", "Paperback"),
    _book("Eleven Letters to a Stranger", 2020, "Noor Haddad", "Novel", "E-book"),
    _book("The Cook, the Comet and the Cat", 2005, "Bea Lindqvist", "Children", "Hardcover", location="Nursery"),
    _book("What the Ice Keeps", 2016, "Margit Olander", "Novel, Mystery", "Audiobook"),
    _book("Bread for Monday", 1999, "Giulia Ferrante", "Cookery", "Hardcover", location="Kitchen"),
    _book("The Weather Clerk", -20, "Anonymous", "Antiquity", "E-book"),
    _record_of("Lowlight Sessions", 1972, "The Tern Quartet", "Jazz", "Vinyl", location="Records 2",
               details={"label": "Harbour", "catalogue_number": "HB 1107", "tracks": ["Slack Water", "Tern"]}),
    _record_of("Kilns", 1994, "Ash & Alder", "Folk", "CD"),
    _record_of("Songs from the Understairs", 2007, "Mabel Frost", "Folk, Pop", "CD", rating=7.9),
    _record_of("Parallax", 2019, "Nova Kestrel", "Electronic", "Vinyl", location="Records 1"),
    _record_of("Пять писем", 1981, "Ансамбль «Мост»", "Chanson", "Vinyl"),
    _record_of("Variations on an Empty Room", 1963, "Clara Voss", "Classical", "Vinyl", location="Records 3"),
    _record_of("Saturday People", 1978, "The Ferrymen", "Soul", "Vinyl"),
    _record_of("Glasshouse Radio", 2014, "Moth Parade", "Pop", "Digital"),
    _game("Lanternfall", 2020, "Two Foxes", "Adventure", "Digital", details={"platform": "Switch"}),
    _game("The Long Winter of Osk", 2016, "Barrow Works", "Strategy", "Digital", details={"platform": "PC"}),
    _game("Kite & Crow", 2022, "Studio Halfmoon", "Platformer", "Cartridge", details={"platform": "Switch"}),
    _game("Signal Box", 1993, "Ironbridge Soft", "Puzzle", "Disk", details={"platform": "Amiga"}),
    _game("Quiet Harvest", 2018, "Two Foxes", "Simulation", "Digital", details={"platform": "PC"}),
    _comic("The Tin Cartographer", 1991, "Hugo Merel", "Adventure", "Hardcover",
           details={"series": "The Tin Cartographer", "issue": "1"}),
    _comic("Cinders, Vol. 2", 2011, "Aiko Tanabe", "Fantasy", "Paperback", details={"series": "Cinders", "issue": "2"}),
    _comic("Night Bus", 2017, "Sal Okafor", "Slice of life", "Paperback"),
    _comic("Мост. Книга первая", 2014, "Дарья Ким", "History", "Hardcover"),
    _record("other", "Home films, reel 4", 1969, [], "Family", "Super 8", location="Attic"),
    _record("other", "Grandfather’s slides", 1958, [], "Family", "Slides", location="Attic"),
]  # fmt: skip
