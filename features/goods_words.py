"""What common goods are called, and their code: where one starts before anybody has declared.

Written for this project from the texts of the Harmonized System of 2022 and from what marketplaces
call the goods in English, German, French, Dutch, Italian and Spanish. It is no classification, only
a first guess that gives way to what is declared (`features.text_codes`). A word may stand under
several codes; then each has its part.
"""

from __future__ import annotations

import polars as pl

from engine.pseudonym import normalised
from features.text import without_plural

_GOODS: dict[str, str] = {
    "120991": "seed seeds samen saatgut graine graines zaad zaden semi semillas",
    "210690": "supplement collagen nahrungsergänzung complément integratore suplemento gummies",
    "300490": "medicine tablet pills medikament médicament medicijn medicinale medicamento",
    "330300": "perfume cologne fragrance parfum parfüm profumo colonia",
    "330410": "lipstick lippenstift lippenstifte rossetto pintalabios lipgloss",
    "330420": "eyeshadow mascara eyeliner lidschatten eyelash ombretto",
    "330430": "nail manicure nagellack vernis nagellak smalto esmalte",
    "330499": "cream serum skincare lotion makeup creme gezichtscrème crema sunscreen",
    "330510": "shampoo shampooing champú",
    "391990": "sticker film aufkleber autocollant adesivo pegatina decal tape folie protector",
    "392410": "tableware bottle cup lunchbox trinkflasche gourde drinkfles borraccia botella "
              "container vorratsdose",
    "392490": "basket organizer hook soap shower bathroom aufbewahrung rangement opberger",
    "392690": "case cover hülle handyhülle coque hoesje custodia funda holder plastic plastik "
              "plastique plastica plástico silicone",
    "420222": "handbag handtasche sac handtas borsa bolso purse tote shoulder umhängetasche",
    "420232": "wallet geldbörse portefeuille portemonnee portafoglio cartera cardholder",
    "420292": "backpack rucksack sac rugzak zaino mochila luggage suitcase koffer valise bag",
    "482010": "notebook diary planner notizbuch carnet notitieboek quaderno cuaderno",
    "490199": "book buch livre boek libro",
    "610443": "dress kleid robe jurk vestito vestido",
    "620443": "dress kleid robe jurk vestito vestido gown",
    "610463": "leggings trousers hose pantalon broek pantaloni pantalón yoga",
    "620342": "jeans trousers cargo hose pantalon broek pantaloni vaqueros denim",
    "620462": "jeans trousers hose pantalon broek pantaloni vaqueros denim",
    "610822": "briefs panties underwear slip culotte ondergoed mutande bragas thong",
    "610910": "tshirt tee shirt camiseta maglietta top",
    "610990": "jersey tshirt trikot maillot maglia tee shirt top",
    "611020": "hoodie sweatshirt sweater kapuzenpullover pullover trui felpa sudadera cotton",
    "611030": "sweater cardigan pullover pull trui maglione jersey jumper",
    "611120": "baby romper bodysuit onesie strampler grenouillère rompertje pagliaccetto infant",
    "611241": "bikini swimsuit swimwear badeanzug maillot badpak costume bañador",
    "611595": "socks sock socken chaussette chaussettes sokken calzini calcetines",
    "620240": "jacket coat parka jacke manteau veste jas giacca chaqueta abrigo windbreaker",
    "620640": "blouse bluse chemisier camicetta blusa",
    "621210": "bra bralette soutien bh reggiseno sujetador",
    "621430": "scarf shawl schal écharpe foulard sjaal sciarpa bufanda",
    "630140": "blanket throw decke couverture deken coperta manta",
    "630232": "bedding duvet pillowcase bettwäsche housse dekbed lenzuola sábana sheet",
    "630392": "curtain vorhang gardine rideau gordijn tenda cortina",
    "640299": "sandals slippers clogs sandalen sandales ciabatte sandalias hausschuhe",
    "640399": "boots leather stiefel bottes laarzen stivali botas",
    "640411": "sneakers sneaker running turnschuhe baskets sportschoenen scarpe zapatillas shoes "
              "schuhe chaussures schoenen zapatos",
    "640419": "shoes canvas slippers schuhe chaussures schoenen zapatos pantoffeln",
    "650500": "cap hat beanie mütze bonnet casquette chapeau pet muts cappello gorra gorro",
    "660191": "umbrella regenschirm parapluie paraplu ombrello paraguas",
    "670210": "artificial flower kunstblume fleurs kunstbloem fiori flores",
    "670411": "wig perücke perruque pruik parrucca peluca extensions",
    "691110": "porcelain mug tasse becher mok tazza taza ceramic",
    "701337": "glass trinkglas verre glas bicchiere vaso",
    "711311": "silver sterling silber argent zilver argento plata",
    "711719": "necklace earrings bracelet halskette ohrringe collier boucles ketting oorbellen "
              "collana orecchini collar pendientes ring brooch jewelry",
    "732393": "stainless pot pan edelstahl pfanne casserole inox pentola olla",
    "820559": "plier screwdriver wrench werkzeug outil gereedschap attrezzo herramienta",
    "821193": "knife messer couteau mes coltello cuchillo navaja",
    "841451": "fan ventilator ventilateur ventilatore ventilador",
    "846721": "drill bohrmaschine perceuse boormachine trapano taladro",
    "847160": "keyboard mouse tastatur maus clavier souris toetsenbord muis tastiera teclado ratón",
    "850440": "charger adapter ladegerät netzteil chargeur oplader caricatore cargador",
    "850650": "battery lithium cell knopfzelle pile batterij pila",
    "850760": "powerbank battery akku batterie batterij batteria batería lithium",
    "850811": "vacuum staubsauger aspirateur stofzuiger aspirapolvere aspiradora",
    "850940": "blender mixer entsafter mixeur frullatore batidora juicer",
    "851020": "clipper trimmer haarschneider tondeuse tagliacapelli cortapelos",
    "851310": "flashlight torch headlamp taschenlampe stirnlampe torche zaklamp torcia linterna",
    "851631": "hairdryer haartrockner föhn asciugacapelli secador",
    "851632": "straightener curler glätteisen lisseur stijltang piastra plancha",
    "851713": "smartphone phone mobile handy téléphone telefoon telefono teléfono cellphone",
    "851762": "smartwatch router repeater bluetooth wifi montre reloj fitness band",
    "851821": "speaker lautsprecher enceinte luidspreker altoparlante altavoz soundbox",
    "851830": "earphone earbuds headphone headset kopfhörer écouteurs casque koptelefoon cuffie "
              "auriculares",
    "852351": "usb flash memory card speicherkarte clé geheugenkaart scheda tarjeta ssd drive",
    "852589": "camera kamera caméra webcam dashcam fotocamera cámara",
    "852862": "projector beamer projecteur proiettore proyector",
    "853952": "bulb lamp glühbirne ampoule gloeilamp lampadina bombilla led",
    "854340": "vape cigarette zigarette sigaretta vaper",
    "854442": "cable kabel câble cavo cord wire hdmi charging usb",
    "870899": "car auto voiture coche bumper autoteile vehicle",
    "871200": "bicycle fahrrad vélo fiets bicicletta bicicleta",
    "871160": "scooter ebike trottinette monopattino patinete elektroroller",
    "871499": "pedal saddle bicycle fahrradsattel selle zadel sella sillín bike",
    "900410": "sunglasses sonnenbrille lunettes zonnebril occhiali gafas",
    "901320": "laser pointer laserpointer",
    "901910": "massager massage massagegerät massaggiatore masajeador",
    "910212": "watch armbanduhr uhr montre horloge orologio reloj quartz",
    "940320": "shelf rack regal étagère rek scaffale estantería table stool",
    "940490": "pillow cushion kissen oreiller kussen cuscino almohada",
    "940542": "lamp light strip led lampe leuchte lichterkette guirlande lamp lampada lámpara",
    "950300": "toy doll puzzle spielzeug puppe jouet poupée speelgoed pop giocattolo juguete lego "
              "plush blocks drone figure",
    "950450": "console controller gamepad konsole manette spelcomputer consola game",
    "950510": "christmas weihnachten noël kerst natale navidad ornament",
    "950590": "party carnival costume balloon fasching kostüm feest festa fiesta ballon",
    "950691": "dumbbell fitness hantel haltère treadmill pesi mancuernas resistance",
    "950699": "skate ball tennis badminton trampoline bal palla pelota",
    "950730": "fishing reel angelrolle moulinet vismolen mulinello carrete",
    "960321": "toothbrush zahnbürste brosse tandenborstel spazzolino cepillo",
    "960330": "brush pinsel pinceau penseel pennello pincel",
    "960810": "pen ballpoint kugelschreiber stylo balpen penna bolígrafo",
    "960719": "zipper reißverschluss fermeture rits cerniera cremallera",
    "961310": "lighter feuerzeug briquet aansteker accendino mechero encendedor",
    "961511": "comb hairpin hairclip kamm haarspange peigne barrette kam haarspeld pettine peine",
}  # fmt: skip
"""HS6 -> words. Articles whose heading depends on the material stand under the usual one."""


def goods_words() -> pl.DataFrame:
    """The table, normalised as descriptions are.

    Returns
    -------
    One row a word and code: `text`, `hs6`, `share` (thousandths of the word; its codes share it).
    """
    rows = [(word, code) for code, words in _GOODS.items() for word in words.split()]
    table = pl.DataFrame(rows, schema={"text": pl.String, "hs6": pl.String}, orient="row")
    table = table.with_columns(without_plural(normalised(pl.col("text")))).unique()
    count = pl.len().cast(pl.Int64).over("text")
    return table.with_columns(share=1000 // count).sort("text", "hs6")
