"""What is sent: 114 six-digit codes of e-commerce with their texts, prices, masses and habits.

The codes are HS 2022. Prices and masses are medians of one piece on a marketplace and are
estimates, as are the spreads and every proneness; the order of brand-prone and safety-prone
goods follows the seizure and product-safety reports (domain report 1.6 and T9, T10).
"""

from dataclasses import dataclass
from typing import Final

FAMILY_SHARES: Final[dict[str, float]] = {  # share of lines, estimate (domain report 1.6)
    "clothing": 0.28,
    "electronics": 0.17,
    "home": 0.14,
    "toys": 0.09,
    "beauty": 0.07,
    "jewellery": 0.06,
    "footwear": 0.05,
    "bags": 0.04,
    "sports": 0.04,
    "tools": 0.04,
    "other": 0.02,
}


@dataclass(frozen=True, slots=True)
class Good:
    """One kind of goods as marketplaces sell it.

    Attributes
    ----------
    hs6
        The right commodity code (HS 2022).
    family
        Part of the assortment; shippers deal in few families.
    weight
        How often it is bought, relative to its family; 0 means never openly.
    unit_value_eur, value_log_sd
        Median price of a piece and the spread of its logarithm over sellers. Estimates.
    unit_mass_grams, mass_log_sd
        Median mass of a piece and the spread of its logarithm over sellers. Estimates.
    more_pieces
        Mean number of pieces beyond the first in one line. Estimate.
    brand, safety
        Proneness to counterfeit and to unsafe articles, 0 to 1. Estimates.
    is_restricted
        Not admissible, or only with a licence, in the super-reduced declaration.
    titles
        English texts, `|`-joined.
    foreign
        Texts in French, German, Dutch and Spanish, `|`-joined.
    """

    hs6: str
    family: str
    weight: float
    unit_value_eur: float
    value_log_sd: float
    unit_mass_grams: float
    mass_log_sd: float
    more_pieces: float
    brand: float
    safety: float
    is_restricted: bool
    titles: str
    foreign: str


# fmt: off
GOODS: Final[tuple[Good, ...]] = (
    # clothing
    Good("610443", "clothing", 5, 11, .55, 300, .25, .1, .1, .0, False, "Women Knit Dress|Bodycon Dress|Ribbed Midi Dress|Ladies Long Sleeve Dress|Summer Stretch Dress", "Robe en maille femme|Strickkleid Damen|Gebreide jurk|Vestido de punto"),
    Good("610463", "clothing", 7, 8, .5, 250, .25, .2, .1, .0, False, "Yoga Leggings|High Waist Leggings|Women Sport Pants|Seamless Gym Leggings|Stretch Trousers", "Legging de sport|Damen Leggings|Sportlegging dames|Mallas deportivas"),
    Good("610822", "clothing", 5, 3, .5, 50, .3, 1.5, .05, .0, False, "Women Panties|Lace Briefs|Seamless Underwear|Ladies Thong|Cotton Feel Underpants", "Culotte femme|Damen Slip|Dames slip|Bragas de mujer"),
    Good("610910", "clothing", 10, 6, .5, 170, .22, .35, .35, .0, False, "Cotton T-Shirt|Mens Short Sleeve Tee|Crew Neck T-shirt|Printed Tee|Unisex Cotton Top|Graphic T Shirt", "T-shirt en coton|Herren T-Shirt Baumwolle|Katoenen T-shirt|Camiseta de algodon"),
    Good("610990", "clothing", 9, 5, .5, 160, .22, .3, .55, .0, False, "Polyester T-Shirt|Football Jersey|Quick Dry Sports Tee|Women Loose Top|Fan Shirt|Soccer Kit Shirt", "Maillot de football|Fussballtrikot|Voetbalshirt|Camiseta de futbol"),
    Good("611020", "clothing", 6, 12, .5, 420, .25, .1, .5, .0, False, "Cotton Hoodie|Hooded Sweatshirt|Mens Pullover|Zip Hoodie|Crewneck Sweater", "Sweat a capuche|Kapuzenpullover|Hoodie katoen|Sudadera con capucha"),
    Good("611030", "clothing", 6, 11, .5, 400, .25, .1, .35, .0, False, "Knitted Sweater|Women Cardigan|Turtleneck Pullover|Fleece Sweatshirt|Oversized Jumper", "Pull femme|Strickpullover|Gebreide trui|Jersey de punto"),
    Good("611120", "clothing", 4, 6, .5, 150, .3, .4, .1, .3, False, "Baby Romper|Cotton Baby Bodysuit|Newborn Clothes Set|Infant Onesie|Toddler Pajamas", "Body bebe coton|Baby Strampler|Baby rompertje|Body para bebe"),
    Good("611241", "clothing", 3, 8, .5, 180, .25, .1, .1, .0, False, "Women Bikini Set|One Piece Swimsuit|High Waist Swimwear|Beach Bathing Suit", "Maillot de bain|Badeanzug Damen|Bikini dames|Traje de bano"),
    Good("611595", "clothing", 6, 2, .5, 50, .3, 3.0, .2, .0, False, "Cotton Socks|Ankle Socks|Crew Socks Pairs|Cartoon Socks|No Show Socks", "Chaussettes coton|Socken Baumwolle|Katoenen sokken|Calcetines"),
    Good("620240", "clothing", 2, 20, .55, 800, .28, .0, .4, .0, False, "Women Winter Jacket|Puffer Coat|Padded Parka|Windbreaker Women|Quilted Jacket", "Doudoune femme|Winterjacke Damen|Winterjas dames|Abrigo de mujer"),
    Good("620342", "clothing", 4, 15, .5, 550, .22, .1, .35, .0, False, "Mens Jeans|Cotton Cargo Pants|Chino Trousers|Denim Trousers Men|Work Pants", "Jean homme|Herren Jeans|Heren jeans|Vaqueros hombre"),
    Good("620443", "clothing", 5, 13, .55, 330, .25, .1, .15, .0, False, "Chiffon Dress|Floral Maxi Dress|Evening Dress|Satin Slip Dress|Boho Dress", "Robe longue fleurie|Sommerkleid|Maxi jurk|Vestido largo"),
    Good("620462", "clothing", 4, 15, .5, 500, .22, .1, .3, .0, False, "Women Jeans|Wide Leg Jeans|Ladies Cotton Pants|Skinny Denim Pants", "Jean femme|Damen Jeans|Dames spijkerbroek|Pantalon vaquero mujer"),
    Good("620640", "clothing", 5, 8, .5, 200, .22, .1, .1, .0, False, "Women Blouse|Satin Shirt|Office Blouse|Ruffle Chiffon Top|Long Sleeve Shirt Women", "Chemisier femme|Damen Bluse|Dames blouse|Blusa de mujer"),
    Good("621210", "clothing", 4, 6, .5, 100, .25, .3, .1, .0, False, "Wireless Bra|Sports Bra|Lace Bralette|Push Up Bra|Seamless Bra", "Soutien-gorge|Damen BH|Beha zonder beugel|Sujetador"),
    Good("621430", "clothing", 3, 4, .5, 120, .3, .1, .45, .0, False, "Winter Scarf|Polyester Shawl|Silky Scarf|Plaid Scarf|Women Wrap", "Echarpe femme|Schal Damen|Sjaal|Bufanda"),
    Good("650500", "clothing", 4, 4, .55, 100, .25, .2, .55, .0, False, "Baseball Cap|Knitted Beanie|Bucket Hat|Trucker Hat|Winter Hat", "Casquette|Strickmuetze|Pet|Gorra"),
    # electronics
    Good("847160", "electronics", 3, 9, .6, 350, .4, .05, .2, .2, False, "Wireless Mouse|Mechanical Keyboard|Gaming Mouse RGB|Bluetooth Keyboard|Optical Mouse", "Souris sans fil|Kabellose Maus|Draadloze muis|Raton inalambrico"),
    Good("850440", "electronics", 6, 6, .55, 150, .4, .2, .4, .8, False, "USB Charger|Power Adapter|Fast Charging Plug|Wireless Charger Pad|Laptop Charger|GaN Wall Charger", "Chargeur USB|Ladegeraet|Oplader|Cargador rapido"),
    Good("850650", "electronics", 1, 2, .4, 30, .3, 3.0, .3, .4, False, "CR2032 Button Cell|Lithium Coin Battery|3V Cell Pack", "Pile bouton|Knopfzelle|Knoopcel|Pila de boton"),
    Good("850760", "electronics", 3, 15, .55, 350, .4, .05, .4, .7, False, "Power Bank|Portable Charger 10000mAh|Li-ion Battery Pack|Magnetic Power Bank|18650 Battery", "Batterie externe|Powerbank|Externe accu|Bateria externa"),
    Good("851310", "electronics", 3, 6, .55, 180, .4, .2, .1, .4, False, "LED Flashlight|Headlamp Rechargeable|Camping Torch|Mini Torch Light", "Lampe torche|Taschenlampe|Zaklamp|Linterna LED"),
    Good("851713", "electronics", .7, 120, .5, 350, .2, .0, .5, .3, False, "Smartphone|Mobile Phone|Android Phone Unlocked|4G Smart Phone|Rugged Phone", "Telephone portable|Handy|Mobiele telefoon|Telefono movil"),
    Good("851762", "electronics", 5, 18, .65, 120, .4, .05, .55, .4, False, "Smart Watch|Fitness Bracelet|WiFi Repeater|Bluetooth Receiver|Smart Band|Wireless Router", "Montre connectee|Smartwatch Herren|Slim horloge|Reloj inteligente"),
    Good("851821", "electronics", 3, 14, .6, 500, .4, .0, .4, .3, False, "Bluetooth Speaker|Portable Mini Speaker|Wireless Soundbox|Waterproof Speaker", "Enceinte bluetooth|Bluetooth Lautsprecher|Draadloze luidspreker|Altavoz bluetooth"),
    Good("851830", "electronics", 7, 9, .65, 120, .35, .1, .7, .4, False, "Wireless Earbuds|Bluetooth Headset|TWS Earphones|Gaming Headphones|In-Ear Earphone", "Ecouteurs sans fil|Kopfhoerer|Draadloze oordopjes|Auriculares inalambricos"),
    Good("852351", "electronics", 3, 7, .6, 20, .4, .3, .5, .1, False, "USB Flash Drive|Memory Card 64GB|SSD Drive|Micro SD Card|Pen Drive", "Cle USB|USB-Stick|Geheugenkaart|Memoria USB"),
    Good("852589", "electronics", 2, 25, .6, 300, .4, .0, .2, .3, False, "Action Camera|Web Camera 1080P|WiFi Security Camera|Dash Cam|Mini Camera", "Camera de surveillance|Webcam|Beveiligingscamera|Camara de vigilancia"),
    Good("852862", "electronics", .5, 45, .45, 1100, .3, .0, .1, .4, False, "Mini Projector|LED Video Projector|Portable Home Projector", "Videoprojecteur|Beamer|Mini beamer|Proyector portatil"),
    Good("853952", "electronics", 3, 4, .5, 80, .4, 1.0, .1, .7, False, "LED Bulb|E27 LED Lamp|Smart Light Bulb|GU10 Spot", "Ampoule LED|LED Lampe|LED lamp|Bombilla LED"),
    Good("854442", "electronics", 8, 2.5, .5, 50, .35, .6, .35, .4, False, "USB C Cable|Charging Cable|Type-C Data Cord|Fast Charge Cord 2m|HDMI Cable|Phone Charger Wire", "Cable USB|Ladekabel|Oplaadkabel|Cable de carga"),
    Good("950450", "electronics", 2, 22, .7, 450, .3, .0, .6, .2, False, "Game Controller|Handheld Game Console|Wireless Gamepad|Retro Video Game Player", "Manette de jeu|Spielkonsole|Spelcomputer|Mando de juego"),
    Good("392690", "electronics", 12, 2.5, .55, 50, .4, .3, .4, .05, False, "Phone Case|Silicone Phone Cover|Cable Organizer|Plastic Hook|Protective Shell|Phone Stand Plastic|Storage Clip", "Coque de telephone|Handyhuelle|Telefoonhoesje|Funda de movil"),
    Good("391990", "electronics", 4, 2, .5, 30, .4, .8, .05, .0, False, "Screen Protector Film|Vinyl Sticker|Self Adhesive Film|Wall Decal|Laptop Skin Sticker", "Film protecteur|Aufkleber|Stickervel|Pegatina"),
    # home
    Good("392410", "home", 6, 4, .55, 250, .45, .4, .05, .3, False, "Plastic Food Container|Water Bottle|Silicone Baking Mold|Kitchen Storage Jar|Drinking Cup", "Boite alimentaire|Frischhaltedose|Voorraadpot|Recipiente de cocina"),
    Good("392490", "home", 7, 4, .55, 300, .5, .3, .0, .1, False, "Storage Basket Plastic|Shower Shelf|Soap Dish|Toothbrush Holder|Laundry Basket|Drain Strainer", "Panier de rangement|Aufbewahrungskorb|Opbergmand|Cesta de almacenaje"),
    Good("630140", "home", 1.2, 14, .45, 1100, .3, .0, .05, .0, False, "Fleece Blanket|Flannel Throw|Weighted Blanket|Sofa Throw Blanket", "Couverture polaire|Kuscheldecke|Fleecedeken|Manta polar"),
    Good("630232", "home", 1.2, 15, .45, 1000, .3, .0, .05, .0, False, "Bed Sheet Set|Duvet Cover Set|Pillowcase Polyester|Fitted Sheet", "Housse de couette|Bettwaesche|Dekbedovertrek|Funda nordica"),
    Good("630392", "home", 1.2, 12, .45, 800, .3, .2, .0, .0, False, "Blackout Curtain|Sheer Curtain Panel|Window Drape", "Rideau occultant|Verdunkelungsvorhang|Verduisterend gordijn|Cortina opaca"),
    Good("630790", "home", 7, 4, .6, 200, .45, .4, .05, .15, False, "Face Mask Cloth|Cleaning Cloth|Microfiber Towel|Textile Organizer|Seat Cover Cushion Pad|Dust Cover", "Chiffon microfibre|Mikrofasertuch|Microvezeldoek|Pano de limpieza"),
    Good("670210", "home", 3, 4, .5, 150, .45, .5, .0, .0, False, "Artificial Flowers|Fake Plant|Silk Rose Bouquet|Plastic Ivy Garland", "Fleurs artificielles|Kunstblumen|Kunstbloemen|Flores artificiales"),
    Good("691110", "home", 1, 10, .5, 600, .4, .2, .0, .1, False, "Ceramic Mug|Porcelain Plate Set|Coffee Cup|Tea Pot Porcelain", "Tasse en porcelaine|Porzellantasse|Porseleinen mok|Taza de porcelana"),
    Good("701337", "home", 1, 6, .5, 350, .35, .5, .0, .1, False, "Drinking Glass|Wine Glass Set|Glass Tumbler|Double Wall Glass Cup", "Verre a boire|Trinkglas|Drinkglas|Vaso de cristal"),
    Good("732393", "home", 3, 7, .5, 500, .4, .2, .1, .2, False, "Stainless Steel Bottle|Kitchen Strainer|Steel Lunch Box|Thermos Cup|Cooking Pot", "Gourde inox|Edelstahl Trinkflasche|RVS drinkfles|Botella de acero"),
    Good("841451", "home", 2, 9, .5, 500, .4, .0, .1, .5, False, "Mini Fan|USB Desk Fan|Neck Fan|Handheld Fan Rechargeable", "Ventilateur USB|Mini Ventilator|Mini ventilator bureau|Ventilador portatil"),
    Good("850811", "home", .5, 30, .45, 1500, .3, .0, .2, .5, False, "Handheld Vacuum Cleaner|Car Vacuum|Cordless Vacuum", "Aspirateur a main|Handstaubsauger|Kruimeldief|Aspirador de mano"),
    Good("850940", "home", 1, 15, .45, 900, .3, .0, .2, .5, False, "Portable Blender|Hand Mixer|Juicer Cup|Food Chopper Electric", "Mixeur portable|Handmixer|Draagbare blender|Batidora portatil"),
    Good("850980", "home", 1.5, 15, .55, 700, .4, .0, .2, .5, False, "Electric Milk Frother|Humidifier|Lint Remover|Sealing Machine|Electric Can Opener", "Humidificateur|Luftbefeuchter|Luchtbevochtiger|Humidificador"),
    Good("940320", "home", .4, 25, .45, 4000, .35, .0, .0, .1, False, "Metal Shelf|Folding Table Metal|Clothes Rack|Steel Storage Rack", "Etagere metal|Metallregal|Metalen rek|Estanteria metalica"),
    Good("940490", "home", 1.5, 10, .5, 900, .35, .1, .0, .1, False, "Memory Foam Pillow|Seat Cushion|Neck Pillow|Throw Pillow", "Oreiller|Kopfkissen|Hoofdkussen|Almohada"),
    Good("940542", "home", 5, 8, .55, 400, .45, .1, .05, .7, False, "LED Strip Lights|Night Light|LED Desk Lamp|Solar Garden Light|Galaxy Star Lamp|Fairy String Lights", "Ruban LED|LED Lichterkette|LED strip|Tira de luces LED"),
    Good("660191", "home", 1.2, 6, .45, 350, .25, .0, .1, .0, False, "Folding Umbrella|Automatic Umbrella|Windproof Umbrella", "Parapluie pliant|Regenschirm|Opvouwbare paraplu|Paraguas plegable"),
    Good("660110", "home", .15, 20, .4, 3000, .3, .0, .0, .0, False, "Garden Umbrella|Patio Parasol", "Parasol de jardin|Sonnenschirm|Tuinparasol|Sombrilla de jardin"),
    # toys
    Good("950300", "toys", 14, 6, .7, 300, .6, .15, .5, .9, False, "Toy Car|Building Blocks Set|Plush Doll|Kids Puzzle|Action Figure|Remote Control Car|Magnetic Tiles|Baby Rattle|Fidget Toy|Soft Toy Animal", "Jouet enfant|Spielzeugauto|Speelgoed blokken|Juguete para ninos"),
    Good("950510", "toys", 3, 3, .55, 200, .5, .6, .0, .3, False, "Christmas Ornaments|Xmas Tree Decoration|Santa Figure|Christmas Garland", "Decoration de Noel|Weihnachtsdeko|Kerstversiering|Adorno de Navidad"),
    Good("950590", "toys", 4, 3, .55, 120, .5, .6, .1, .4, False, "Party Balloons|Halloween Mask|Cosplay Prop|Birthday Banner|Carnival Costume Wig Set", "Ballons de fete|Partyballons|Feestballonnen|Globos de fiesta"),
    Good("482010", "toys", 2, 3, .5, 200, .35, .3, .1, .0, False, "Notebook|Diary Planner|Spiral Journal|A5 Note Book", "Carnet de notes|Notizbuch|Notitieboek|Cuaderno"),
    Good("490199", "toys", .6, 9, .5, 350, .4, .1, .1, .0, False, "Coloring Book|Printed Book|Children Story Book", "Livre de coloriage|Malbuch|Kleurboek|Libro para colorear"),
    Good("960810", "toys", 2.5, 1.5, .5, 30, .5, 2.0, .1, .0, False, "Ballpoint Pen|Gel Pen Set|Office Pens", "Stylo bille|Kugelschreiber|Balpen|Boligrafo"),
    # beauty
    Good("330410", "beauty", 3, 3, .5, 30, .35, .4, .4, .6, False, "Lipstick|Lip Gloss|Matte Lip Tint|Lip Liner", "Rouge a levres|Lippenstift|Lipgloss|Pintalabios"),
    Good("330420", "beauty", 3, 3, .5, 30, .35, .3, .4, .6, False, "Mascara|Eyeshadow Palette|Eyeliner Pen|Eyebrow Pencil", "Fard a paupieres|Lidschatten|Oogschaduw|Sombra de ojos"),
    Good("330430", "beauty", 4, 3, .45, 50, .4, .6, .1, .7, False, "Nail Polish|Gel Nail Varnish|UV Gel Set|Press On Nails Glue", "Vernis a ongles|Nagellack|Nagellak|Esmalte de unas"),
    Good("330499", "beauty", 5, 5, .6, 120, .45, .3, .4, .6, False, "Face Cream|Serum Vitamin C|Sunscreen Lotion|Moisturizer|Facial Mask Sheets|Foundation Cream", "Creme visage|Gesichtscreme|Gezichtscreme|Crema facial"),
    Good("330510", "beauty", 1, 5, .5, 350, .35, .2, .2, .4, False, "Shampoo|Hair Growth Shampoo|Shampoo Bar", "Shampooing|Haarshampoo|Shampoo haar|Champu"),
    Good("330300", "beauty", .8, 18, .7, 250, .35, .1, .8, .4, False, "Perfume|Eau de Parfum|Body Mist|Fragrance Spray", "Parfum femme|Parfuem Damen|Parfum dames|Perfume de mujer"),
    Good("670411", "beauty", 2, 16, .6, 250, .3, .0, .0, .0, False, "Synthetic Wig|Hair Extensions|Lace Front Wig|Clip In Ponytail", "Perruque synthetique|Peruecke|Pruik|Peluca sintetica"),
    Good("851020", "beauty", 1.5, 12, .5, 300, .3, .0, .3, .5, False, "Hair Clipper|Beard Trimmer|Electric Shaver Kit|Nose Hair Trimmer", "Tondeuse cheveux|Haarschneider|Tondeuse|Cortapelos"),
    Good("851631", "beauty", .7, 20, .6, 600, .3, .0, .6, .6, False, "Hair Dryer|Ionic Blow Dryer|Foldable Hairdryer", "Seche-cheveux|Haartrockner|Haardroger|Secador de pelo"),
    Good("851632", "beauty", 1.2, 15, .55, 400, .3, .0, .5, .6, False, "Hair Straightener|Curling Iron|Hot Air Brush|Crimper", "Lisseur cheveux|Glaetteisen|Stijltang|Plancha de pelo"),
    Good("960321", "beauty", 1.5, 2, .5, 30, .4, 1.5, .1, .1, False, "Toothbrush|Electric Toothbrush Heads|Bamboo Toothbrush", "Brosse a dents|Zahnbuerste|Tandenborstel|Cepillo de dientes"),
    Good("960330", "beauty", 3, 3, .5, 40, .5, .6, .2, .0, False, "Makeup Brush Set|Cosmetic Brushes|Paint Brushes Artist", "Pinceaux maquillage|Schminkpinsel|Make-up kwasten|Brochas de maquillaje"),
    Good("961511", "beauty", 5, 1.5, .5, 30, .4, 1.2, .05, .0, False, "Hair Clip|Claw Clips|Hair Comb|Detangling Comb|Hair Slide", "Pince a cheveux|Haarklammer|Haarklem|Pinza para el pelo"),
    Good("901910", "beauty", .8, 18, .6, 800, .4, .0, .1, .4, False, "Massage Gun|Neck Massager|Eye Massager|Foot Massage Device", "Pistolet de massage|Massagegeraet|Massageapparaat|Masajeador"),
    # jewellery and watches
    Good("711311", "jewellery", 2, 12, .65, 10, .5, .1, .5, .1, False, "925 Silver Ring|Sterling Silver Necklace|Silver Earrings|Silver Bracelet", "Bague argent 925|Silberring|Zilveren ring|Anillo de plata"),
    Good("711719", "jewellery", 10, 2.5, .6, 20, .5, .4, .4, .3, False, "Alloy Necklace|Fashion Earrings|Metal Bracelet|Ring Set|Ankle Chain|Body Piercing", "Collier fantaisie|Modeschmuck Ohrringe|Ketting|Collar de moda"),
    Good("711790", "jewellery", 6, 1.8, .55, 20, .5, .5, .2, .2, False, "Resin Earrings|Beaded Bracelet|Acrylic Ring|Shell Necklace|Rope Bracelet", "Bracelet perles|Perlenarmband|Kralenarmband|Pulsera de cuentas"),
    Good("910211", "jewellery", 2, 12, .7, 80, .35, .0, .85, .1, False, "Quartz Watch|Mens Wrist Watch|Ladies Watch|Analog Watch Leather Strap", "Montre homme|Armbanduhr Herren|Herenhorloge|Reloj de pulsera"),
    Good("910212", "jewellery", 1.5, 9, .6, 70, .35, .0, .6, .1, False, "Digital Watch|LED Sports Watch|Kids Electronic Watch", "Montre numerique|Digitaluhr|Digitaal horloge|Reloj digital"),
    Good("900410", "jewellery", 4, 4, .65, 60, .3, .2, .75, .3, False, "Sunglasses|Polarized Sun Glasses|Retro Shades|Cycling Glasses", "Lunettes de soleil|Sonnenbrille|Zonnebril|Gafas de sol"),
    # footwear
    Good("640299", "footwear", 5, 10, .5, 700, .25, .0, .4, .05, False, "Plastic Clogs|Rubber Sandals|Slides Slippers|PU Boots|Garden Shoes|EVA Slippers", "Sandales femme|Sandalen|Slippers dames|Sandalias"),
    Good("640399", "footwear", 1, 28, .55, 950, .22, .0, .5, .0, False, "Leather Shoes|Leather Ankle Boots|Mens Loafers|Oxford Shoes", "Chaussures cuir|Lederschuhe|Leren schoenen|Zapatos de piel"),
    Good("640411", "footwear", 4, 16, .6, 800, .2, .0, .95, .0, False, "Running Shoes|Sneakers|Basketball Shoes|Trainers Mesh|Sport Shoes", "Baskets homme|Turnschuhe|Sneakers heren|Zapatillas deportivas"),
    Good("640419", "footwear", 4, 11, .5, 650, .25, .0, .5, .0, False, "Canvas Shoes|Textile Slip On|Home Slippers Cotton|Fabric Ballet Flats", "Chaussures toile|Stoffschuhe|Stoffen schoenen|Zapatos de lona"),
    # bags
    Good("420100", "bags", 2, 4, .55, 120, .45, .1, .0, .05, False, "Dog Collar|Pet Harness|Dog Leash|Cat Harness", "Collier chien|Hundehalsband|Hondenhalsband|Collar de perro"),
    Good("420221", "bags", .7, 30, .7, 600, .3, .0, .9, .0, False, "Leather Handbag|Genuine Leather Shoulder Bag|Leather Tote", "Sac a main cuir|Lederhandtasche|Leren handtas|Bolso de piel"),
    Good("420222", "bags", 5, 9, .6, 450, .3, .0, .8, .0, False, "Women Handbag|PU Shoulder Bag|Crossbody Bag|Tote Bag|Clutch Purse", "Sac a main|Handtasche|Handtas|Bolso de mujer"),
    Good("420232", "bags", 4, 4, .55, 120, .3, .1, .6, .0, False, "Wallet|Card Holder|Coin Purse|Phone Pouch", "Portefeuille|Geldboerse|Portemonnee|Cartera"),
    Good("420292", "bags", 4, 12, .55, 600, .4, .0, .5, .0, False, "Backpack|Travel Bag|School Bag|Gym Duffel|Laptop Backpack|Toiletry Pouch", "Sac a dos|Rucksack|Rugzak|Mochila"),
    # sports and outdoor
    Good("871499", "sports", 2, 8, .6, 250, .5, .1, .3, .2, False, "Bike Saddle|Bicycle Brake|Handlebar Grips|Bike Pedals|Chain Cassette", "Selle velo|Fahrradsattel|Fietszadel|Sillin de bicicleta"),
    Good("950691", "sports", 2, 10, .6, 900, .5, .0, .1, .2, False, "Resistance Bands|Ab Roller|Push Up Bars|Jump Rope|Dumbbell", "Elastique fitness|Fitnessband|Weerstandsband|Banda elastica"),
    Good("950699", "sports", 4, 8, .6, 600, .5, .1, .2, .2, False, "Camping Hammock|Swim Goggles|Knee Pads|Skate Guard|Archery Set|Golf Training Aid", "Materiel camping|Campingzubehoer|Kampeerhangmat|Accesorio deportivo"),
    Good("950730", "sports", 1, 15, .6, 350, .35, .0, .3, .0, False, "Fishing Reel|Spinning Reel|Baitcasting Reel", "Moulinet de peche|Angelrolle|Vismolen|Carrete de pesca"),
    Good("871160", "sports", .03, 140, .3, 9000, .3, .0, .2, .8, False, "Electric Scooter|E-Scooter Foldable|Kids Electric Bike", "Trottinette electrique|E-Scooter|Elektrische step|Patinete electrico"),
    # tools and car parts
    Good("820559", "tools", 4, 6, .6, 300, .5, .1, .1, .0, False, "Hand Tool Set|Pry Tool|Screwdriver Kit|Tile Leveling Tool|Clamp", "Outil a main|Handwerkzeug|Handgereedschap|Herramienta manual"),
    Good("846721", "tools", .6, 35, .45, 1600, .25, .0, .6, .5, False, "Electric Drill|Cordless Drill|Impact Driver", "Perceuse sans fil|Akkubohrer|Accuboormachine|Taladro electrico"),
    Good("870899", "tools", 4, 12, .75, 600, .6, .1, .4, .3, False, "Car Spare Part|Car Door Clips|Gear Shift Knob|Wheel Center Caps|Bumper Bracket|Air Intake Hose", "Piece auto|Autoersatzteil|Auto onderdeel|Recambio de coche"),
    Good("960719", "tools", 1, 1.5, .5, 50, .5, 1.5, .05, .0, False, "Zipper|Slide Fastener|Nylon Zip Roll", "Fermeture eclair|Reissverschluss|Ritssluiting|Cremallera"),
    Good("392620", "tools", 2, 2, .5, 50, .5, .6, .0, .05, False, "Plastic Gloves|Raincoat|Plastic Belt|Shoe Cover|Disposable Apron", "Gants plastique|Regenmantel|Regenponcho|Guantes de plastico"),
    Good("901890", "tools", .6, 12, .6, 200, .5, .1, .1, .5, False, "Pulse Oximeter|Dental Tool Kit|Stethoscope|Medical Tweezers", "Oxymetre|Pulsoximeter|Saturatiemeter|Oximetro"),
    # other
    Good("961310", "other", 2, .6, .4, 20, .25, 4.0, .1, .4, False, "Lighters|Disposable Lighter|Gas Lighter", "Briquet|Feuerzeug|Aansteker|Mechero"),
    Good("961320", "other", 2, 3.5, .55, 50, .3, .3, .5, .3, False, "Refillable Lighter|Jet Torch Lighter|Windproof Lighter", "Briquet rechargeable|Sturmfeuerzeug|Navulbare aansteker|Encendedor recargable"),
    Good("961380", "other", 2, 4, .5, 70, .3, .2, .1, .3, False, "USB Arc Lighter|Plasma Lighter|Electric Lighter", "Briquet electrique|Lichtbogen Feuerzeug|USB aansteker|Encendedor electrico"),
    Good("901320", "other", 1, 6, .6, 80, .35, .1, .0, .9, False, "Laser Pointer|Green Laser Pen|Cat Laser", "Pointeur laser|Laserpointer|Laserpen|Puntero laser"),
    Good("120930", "other", .8, 2, .6, 10, .5, 1.0, .0, .2, True, "Flower Seeds|Garden Seeds Mix|Rose Seeds", "Graines de fleurs|Blumensamen|Bloemzaden|Semillas de flores"),
    Good("210690", "other", 1, 12, .55, 250, .4, .3, .1, .6, True, "Food Supplement|Collagen Powder|Herbal Capsules|Gummy Vitamins", "Complement alimentaire|Nahrungsergaenzung|Voedingssupplement|Suplemento alimenticio"),
    Good("821193", "other", 1, 8, .6, 150, .35, .1, .1, .3, True, "Folding Knife|Pocket Knife|Outdoor Knife", "Couteau pliant|Taschenmesser|Zakmes|Navaja"),
    Good("240220", "other", .0, 6, .5, 250, .3, 5.0, .5, .3, True, "Cigarettes|Cigarette Cartons", "Cigarettes|Zigaretten|Sigaretten|Cigarrillos"),
    Good("240412", "other", .0, 7, .5, 60, .3, 3.0, .1, .6, True, "E-Liquid|Vape Juice", "E-liquide|E-Liquid|E-vloeistof|Liquido de vapeo"),
    Good("293292", "other", .0, 150, .6, 1000, .3, .0, .0, .2, True, "Piperonyl Methyl Ketone|PMK", "PMK|PMK|PMK|PMK"),
    Good("300490", "other", .05, 9, .7, 50, .5, 1.5, .4, .6, True, "Tablets|Weight Loss Pills|Antibiotic Capsules|Pain Relief Patch", "Medicament|Tabletten|Geneesmiddel|Pastillas"),
    Good("854340", "other", .1, 10, .5, 90, .3, 1.0, .4, .7, True, "Disposable Vape|E-Cigarette|Vape Kit", "Cigarette electronique|E-Zigarette|E-sigaret|Cigarrillo electronico"),
    Good("930400", "other", .02, 25, .6, 800, .4, .0, .3, .6, True, "Airsoft Gun|Air Pistol|BB Gun|Pepper Spray", "Pistolet airsoft|Softair Pistole|Luchtdrukpistool|Pistola de airsoft"),
    Good("930700", "other", .02, 15, .6, 400, .4, .0, .1, .2, True, "Dagger|Sword Cane|Katana", "Poignard|Dolch|Dolk|Daga"),
)
# fmt: on

CATCH_ALL_CODES: Final[tuple[str, ...]] = ("392690", "392620", "630790", "950300", "960719")
"""Codes that forwarders put when they know no better (domain report 1.5 and T4)."""

COVER_CODES: Final[tuple[str, ...]] = (  # cheap, light, dull: estimate after the seed's "lighters"
    "961310", "961511", "611595", "391990", "392690", "960810", "630790", "711790",
    "392410", "392490", "670210", "482010", "960719", "950590", "621430", "960330",
)  # fmt: skip

DEAR_CODES: Final[tuple[str, ...]] = (  # what is worth hiding or splitting: estimate
    "851713", "851762", "851830", "910211", "420221", "640411", "640399", "620240",
    "846721", "852862", "852589", "850811", "950450", "851631", "611020", "330300",
    "870899", "854340",
)  # fmt: skip

VAGUE_TEXTS: Final[tuple[str, ...]] = (  # stop words and near misses (domain report 1.5)
    "accessories", "gift", "daily necessities", "parts", "sample", "clothes", "household goods",
    "electronics", "plastic goods", "toys", "articles", "case", "fashion items", "decoration",
    "Spare parts", "CLOTHING", "Other", "goods", "N/A", "merchandise", "for play", "for fun",
    "personal items", "craft", "various goods", "hardware", "supplies", "Home", "stuff",
)  # fmt: skip
