"""How marketplaces call the goods: English titles by code, and four other languages."""

from typing import Final

# fmt: off
TITLES: Final[dict[str, tuple[str, ...]]] = {
    "610443": (
        "Women Knit Dress", "Bodycon Dress", "Ribbed Midi Dress", "Ladies Long Sleeve Dress",
        "Summer Stretch Dress",
    ),
    "610463": (
        "Yoga Leggings", "High Waist Leggings", "Women Sport Pants", "Seamless Gym Leggings",
        "Stretch Trousers",
    ),
    "610822": (
        "Women Panties", "Lace Briefs", "Seamless Underwear", "Ladies Thong",
        "Cotton Feel Underpants",
    ),
    "610910": (
        "Cotton T-Shirt", "Mens Short Sleeve Tee", "Crew Neck T-shirt", "Printed Tee",
        "Unisex Cotton Top", "Graphic T Shirt",
    ),
    "610990": (
        "Polyester T-Shirt", "Football Jersey", "Quick Dry Sports Tee", "Women Loose Top",
        "Fan Shirt", "Soccer Kit Shirt",
    ),
    "611020": (
        "Cotton Hoodie", "Hooded Sweatshirt", "Mens Pullover", "Zip Hoodie", "Crewneck Sweater",
    ),
    "611030": (
        "Knitted Sweater", "Women Cardigan", "Turtleneck Pullover", "Fleece Sweatshirt",
        "Oversized Jumper",
    ),
    "611120": (
        "Baby Romper", "Cotton Baby Bodysuit", "Newborn Clothes Set", "Infant Onesie",
        "Toddler Pajamas",
    ),
    "611241": (
        "Women Bikini Set", "One Piece Swimsuit", "High Waist Swimwear", "Beach Bathing Suit",
    ),
    "611595": (
        "Cotton Socks", "Ankle Socks", "Crew Socks Pairs", "Cartoon Socks", "No Show Socks",
    ),
    "620240": (
        "Women Winter Jacket", "Puffer Coat", "Padded Parka", "Windbreaker Women", "Quilted Jacket",
    ),
    "620342": (
        "Mens Jeans", "Cotton Cargo Pants", "Chino Trousers", "Denim Trousers Men", "Work Pants",
    ),
    "620443": (
        "Chiffon Dress", "Floral Maxi Dress", "Evening Dress", "Satin Slip Dress", "Boho Dress",
    ),
    "620462": (
        "Women Jeans", "Wide Leg Jeans", "Ladies Cotton Pants", "Skinny Denim Pants",
    ),
    "620640": (
        "Women Blouse", "Satin Shirt", "Office Blouse", "Ruffle Chiffon Top",
        "Long Sleeve Shirt Women",
    ),
    "621210": (
        "Wireless Bra", "Sports Bra", "Lace Bralette", "Push Up Bra", "Seamless Bra",
    ),
    "621430": (
        "Winter Scarf", "Polyester Shawl", "Silky Scarf", "Plaid Scarf", "Women Wrap",
    ),
    "650500": (
        "Baseball Cap", "Knitted Beanie", "Bucket Hat", "Trucker Hat", "Winter Hat",
    ),
    "847160": (
        "Wireless Mouse", "Mechanical Keyboard", "Gaming Mouse RGB", "Bluetooth Keyboard",
        "Optical Mouse",
    ),
    "850440": (
        "USB Charger", "Power Adapter", "Fast Charging Plug", "Wireless Charger Pad",
        "Laptop Charger", "GaN Wall Charger",
    ),
    "850650": (
        "CR2032 Button Cell", "Lithium Coin Battery", "3V Cell Pack",
    ),
    "850760": (
        "Power Bank", "Portable Charger 10000mAh", "Li-ion Battery Pack", "Magnetic Power Bank",
        "18650 Battery",
    ),
    "851310": (
        "LED Flashlight", "Headlamp Rechargeable", "Camping Torch", "Mini Torch Light",
    ),
    "851713": (
        "Smartphone", "Mobile Phone", "Android Phone Unlocked", "4G Smart Phone", "Rugged Phone",
    ),
    "851762": (
        "Smart Watch", "Fitness Bracelet", "WiFi Repeater", "Bluetooth Receiver", "Smart Band",
        "Wireless Router",
    ),
    "851821": (
        "Bluetooth Speaker", "Portable Mini Speaker", "Wireless Soundbox", "Waterproof Speaker",
    ),
    "851830": (
        "Wireless Earbuds", "Bluetooth Headset", "TWS Earphones", "Gaming Headphones",
        "In-Ear Earphone",
    ),
    "852351": (
        "USB Flash Drive", "Memory Card 64GB", "SSD Drive", "Micro SD Card", "Pen Drive",
    ),
    "852589": (
        "Action Camera", "Web Camera 1080P", "WiFi Security Camera", "Dash Cam", "Mini Camera",
    ),
    "852862": (
        "Mini Projector", "LED Video Projector", "Portable Home Projector",
    ),
    "853952": (
        "LED Bulb", "E27 LED Lamp", "Smart Light Bulb", "GU10 Spot",
    ),
    "854442": (
        "USB C Cable", "Charging Cable", "Type-C Data Cord", "Fast Charge Cord 2m", "HDMI Cable",
        "Phone Charger Wire",
    ),
    "950450": (
        "Game Controller", "Handheld Game Console", "Wireless Gamepad", "Retro Video Game Player",
    ),
    "392690": (
        "Phone Case", "Silicone Phone Cover", "Cable Organizer", "Plastic Hook", "Protective Shell",
        "Phone Stand Plastic", "Storage Clip",
    ),
    "391990": (
        "Screen Protector Film", "Vinyl Sticker", "Self Adhesive Film", "Wall Decal",
        "Laptop Skin Sticker",
    ),
    "392410": (
        "Plastic Food Container", "Water Bottle", "Silicone Baking Mold", "Kitchen Storage Jar",
        "Drinking Cup",
    ),
    "392490": (
        "Storage Basket Plastic", "Shower Shelf", "Soap Dish", "Toothbrush Holder",
        "Laundry Basket", "Drain Strainer",
    ),
    "630140": (
        "Fleece Blanket", "Flannel Throw", "Weighted Blanket", "Sofa Throw Blanket",
    ),
    "630232": (
        "Bed Sheet Set", "Duvet Cover Set", "Pillowcase Polyester", "Fitted Sheet",
    ),
    "630392": (
        "Blackout Curtain", "Sheer Curtain Panel", "Window Drape",
    ),
    "630790": (
        "Face Mask Cloth", "Cleaning Cloth", "Microfiber Towel", "Textile Organizer",
        "Seat Cover Cushion Pad", "Dust Cover",
    ),
    "670210": (
        "Artificial Flowers", "Fake Plant", "Silk Rose Bouquet", "Plastic Ivy Garland",
    ),
    "691110": (
        "Ceramic Mug", "Porcelain Plate Set", "Coffee Cup", "Tea Pot Porcelain",
    ),
    "701337": (
        "Drinking Glass", "Wine Glass Set", "Glass Tumbler", "Double Wall Glass Cup",
    ),
    "732393": (
        "Stainless Steel Bottle", "Kitchen Strainer", "Steel Lunch Box", "Thermos Cup",
        "Cooking Pot",
    ),
    "841451": (
        "Mini Fan", "USB Desk Fan", "Neck Fan", "Handheld Fan Rechargeable",
    ),
    "850811": (
        "Handheld Vacuum Cleaner", "Car Vacuum", "Cordless Vacuum",
    ),
    "850940": (
        "Portable Blender", "Hand Mixer", "Juicer Cup", "Food Chopper Electric",
    ),
    "850980": (
        "Electric Milk Frother", "Humidifier", "Lint Remover", "Sealing Machine",
        "Electric Can Opener",
    ),
    "940320": (
        "Metal Shelf", "Folding Table Metal", "Clothes Rack", "Steel Storage Rack",
    ),
    "940490": (
        "Memory Foam Pillow", "Seat Cushion", "Neck Pillow", "Throw Pillow",
    ),
    "940542": (
        "LED Strip Lights", "Night Light", "LED Desk Lamp", "Solar Garden Light",
        "Galaxy Star Lamp", "Fairy String Lights",
    ),
    "660191": (
        "Folding Umbrella", "Automatic Umbrella", "Windproof Umbrella",
    ),
    "660110": (
        "Garden Umbrella", "Patio Parasol",
    ),
    "950300": (
        "Toy Car", "Building Blocks Set", "Plush Doll", "Kids Puzzle", "Action Figure",
        "Remote Control Car", "Magnetic Tiles", "Baby Rattle", "Fidget Toy", "Soft Toy Animal",
    ),
    "950510": (
        "Christmas Ornaments", "Xmas Tree Decoration", "Santa Figure", "Christmas Garland",
    ),
    "950590": (
        "Party Balloons", "Halloween Mask", "Cosplay Prop", "Birthday Banner",
        "Carnival Costume Wig Set",
    ),
    "482010": (
        "Notebook", "Diary Planner", "Spiral Journal", "A5 Note Book",
    ),
    "490199": (
        "Coloring Book", "Printed Book", "Children Story Book",
    ),
    "960810": (
        "Ballpoint Pen", "Gel Pen Set", "Office Pens",
    ),
    "330410": (
        "Lipstick", "Lip Gloss", "Matte Lip Tint", "Lip Liner",
    ),
    "330420": (
        "Mascara", "Eyeshadow Palette", "Eyeliner Pen", "Eyebrow Pencil",
    ),
    "330430": (
        "Nail Polish", "Gel Nail Varnish", "UV Gel Set", "Press On Nails Glue",
    ),
    "330499": (
        "Face Cream", "Serum Vitamin C", "Sunscreen Lotion", "Moisturizer", "Facial Mask Sheets",
        "Foundation Cream",
    ),
    "330510": (
        "Shampoo", "Hair Growth Shampoo", "Shampoo Bar",
    ),
    "330300": (
        "Perfume", "Eau de Parfum", "Body Mist", "Fragrance Spray",
    ),
    "670411": (
        "Synthetic Wig", "Hair Extensions", "Lace Front Wig", "Clip In Ponytail",
    ),
    "851020": (
        "Hair Clipper", "Beard Trimmer", "Electric Shaver Kit", "Nose Hair Trimmer",
    ),
    "851631": (
        "Hair Dryer", "Ionic Blow Dryer", "Foldable Hairdryer",
    ),
    "851632": (
        "Hair Straightener", "Curling Iron", "Hot Air Brush", "Crimper",
    ),
    "960321": (
        "Toothbrush", "Electric Toothbrush Heads", "Bamboo Toothbrush",
    ),
    "960330": (
        "Makeup Brush Set", "Cosmetic Brushes", "Paint Brushes Artist",
    ),
    "961511": (
        "Hair Clip", "Claw Clips", "Hair Comb", "Detangling Comb", "Hair Slide",
    ),
    "901910": (
        "Massage Gun", "Neck Massager", "Eye Massager", "Foot Massage Device",
    ),
    "711311": (
        "925 Silver Ring", "Sterling Silver Necklace", "Silver Earrings", "Silver Bracelet",
    ),
    "711719": (
        "Alloy Necklace", "Fashion Earrings", "Metal Bracelet", "Ring Set", "Ankle Chain",
        "Body Piercing",
    ),
    "711790": (
        "Resin Earrings", "Beaded Bracelet", "Acrylic Ring", "Shell Necklace", "Rope Bracelet",
    ),
    "910211": (
        "Quartz Watch", "Mens Wrist Watch", "Ladies Watch", "Analog Watch Leather Strap",
    ),
    "910212": (
        "Digital Watch", "LED Sports Watch", "Kids Electronic Watch",
    ),
    "900410": (
        "Sunglasses", "Polarized Sun Glasses", "Retro Shades", "Cycling Glasses",
    ),
    "640299": (
        "Plastic Clogs", "Rubber Sandals", "Slides Slippers", "PU Boots", "Garden Shoes",
        "EVA Slippers",
    ),
    "640399": (
        "Leather Shoes", "Leather Ankle Boots", "Mens Loafers", "Oxford Shoes",
    ),
    "640411": (
        "Running Shoes", "Sneakers", "Basketball Shoes", "Trainers Mesh", "Sport Shoes",
    ),
    "640419": (
        "Canvas Shoes", "Textile Slip On", "Home Slippers Cotton", "Fabric Ballet Flats",
    ),
    "420100": (
        "Dog Collar", "Pet Harness", "Dog Leash", "Cat Harness",
    ),
    "420221": (
        "Leather Handbag", "Genuine Leather Shoulder Bag", "Leather Tote",
    ),
    "420222": (
        "Women Handbag", "PU Shoulder Bag", "Crossbody Bag", "Tote Bag", "Clutch Purse",
    ),
    "420232": (
        "Wallet", "Card Holder", "Coin Purse", "Phone Pouch",
    ),
    "420292": (
        "Backpack", "Travel Bag", "School Bag", "Gym Duffel", "Laptop Backpack", "Toiletry Pouch",
    ),
    "871499": (
        "Bike Saddle", "Bicycle Brake", "Handlebar Grips", "Bike Pedals", "Chain Cassette",
    ),
    "950691": (
        "Resistance Bands", "Ab Roller", "Push Up Bars", "Jump Rope", "Dumbbell",
    ),
    "950699": (
        "Camping Hammock", "Swim Goggles", "Knee Pads", "Skate Guard", "Archery Set",
        "Golf Training Aid",
    ),
    "950730": (
        "Fishing Reel", "Spinning Reel", "Baitcasting Reel",
    ),
    "871160": (
        "Electric Scooter", "E-Scooter Foldable", "Kids Electric Bike",
    ),
    "820559": (
        "Hand Tool Set", "Pry Tool", "Screwdriver Kit", "Tile Leveling Tool", "Clamp",
    ),
    "846721": (
        "Electric Drill", "Cordless Drill", "Impact Driver",
    ),
    "870899": (
        "Car Spare Part", "Car Door Clips", "Gear Shift Knob", "Wheel Center Caps",
        "Bumper Bracket", "Air Intake Hose",
    ),
    "960719": (
        "Zipper", "Slide Fastener", "Nylon Zip Roll",
    ),
    "392620": (
        "Plastic Gloves", "Raincoat", "Plastic Belt", "Shoe Cover", "Disposable Apron",
    ),
    "901890": (
        "Pulse Oximeter", "Dental Tool Kit", "Stethoscope", "Medical Tweezers",
    ),
    "961310": (
        "Lighters", "Disposable Lighter", "Gas Lighter",
    ),
    "961320": (
        "Refillable Lighter", "Jet Torch Lighter", "Windproof Lighter",
    ),
    "961380": (
        "USB Arc Lighter", "Plasma Lighter", "Electric Lighter",
    ),
    "901320": (
        "Laser Pointer", "Green Laser Pen", "Cat Laser",
    ),
    "120930": (
        "Flower Seeds", "Garden Seeds Mix", "Rose Seeds",
    ),
    "210690": (
        "Food Supplement", "Collagen Powder", "Herbal Capsules", "Gummy Vitamins",
    ),
    "821193": (
        "Folding Knife", "Pocket Knife", "Outdoor Knife",
    ),
    "240220": (
        "Cigarettes", "Cigarette Cartons",
    ),
    "240412": (
        "E-Liquid", "Vape Juice",
    ),
    "293292": (
        "Piperonyl Methyl Ketone", "PMK",
    ),
    "300490": (
        "Tablets", "Weight Loss Pills", "Antibiotic Capsules", "Pain Relief Patch",
    ),
    "854340": (
        "Disposable Vape", "E-Cigarette", "Vape Kit",
    ),
    "930400": (
        "Airsoft Gun", "Air Pistol", "BB Gun", "Pepper Spray",
    ),
    "930700": (
        "Dagger", "Sword Cane", "Katana",
    ),
}
"""English titles, the most common first."""

FOREIGN_TITLES: Final[dict[str, tuple[str, ...]]] = {
    "610443": ("Robe en maille femme", "Strickkleid Damen", "Gebreide jurk", "Vestido de punto"),
    "610463": ("Legging de sport", "Damen Leggings", "Sportlegging dames", "Mallas deportivas"),
    "610822": ("Culotte femme", "Damen Slip", "Dames slip", "Bragas de mujer"),
    "610910": (
        "T-shirt en coton", "Herren T-Shirt Baumwolle", "Katoenen T-shirt", "Camiseta de algodon",
    ),
    "610990": ("Maillot de football", "Fussballtrikot", "Voetbalshirt", "Camiseta de futbol"),
    "611020": ("Sweat a capuche", "Kapuzenpullover", "Hoodie katoen", "Sudadera con capucha"),
    "611030": ("Pull femme", "Strickpullover", "Gebreide trui", "Jersey de punto"),
    "611120": ("Body bebe coton", "Baby Strampler", "Baby rompertje", "Body para bebe"),
    "611241": ("Maillot de bain", "Badeanzug Damen", "Bikini dames", "Traje de bano"),
    "611595": ("Chaussettes coton", "Socken Baumwolle", "Katoenen sokken", "Calcetines"),
    "620240": ("Doudoune femme", "Winterjacke Damen", "Winterjas dames", "Abrigo de mujer"),
    "620342": ("Jean homme", "Herren Jeans", "Heren jeans", "Vaqueros hombre"),
    "620443": ("Robe longue fleurie", "Sommerkleid", "Maxi jurk", "Vestido largo"),
    "620462": ("Jean femme", "Damen Jeans", "Dames spijkerbroek", "Pantalon vaquero mujer"),
    "620640": ("Chemisier femme", "Damen Bluse", "Dames blouse", "Blusa de mujer"),
    "621210": ("Soutien-gorge", "Damen BH", "Beha zonder beugel", "Sujetador"),
    "621430": ("Echarpe femme", "Schal Damen", "Sjaal", "Bufanda"),
    "650500": ("Casquette", "Strickmuetze", "Pet", "Gorra"),
    "847160": ("Souris sans fil", "Kabellose Maus", "Draadloze muis", "Raton inalambrico"),
    "850440": ("Chargeur USB", "Ladegeraet", "Oplader", "Cargador rapido"),
    "850650": ("Pile bouton", "Knopfzelle", "Knoopcel", "Pila de boton"),
    "850760": ("Batterie externe", "Powerbank", "Externe accu", "Bateria externa"),
    "851310": ("Lampe torche", "Taschenlampe", "Zaklamp", "Linterna LED"),
    "851713": ("Telephone portable", "Handy", "Mobiele telefoon", "Telefono movil"),
    "851762": ("Montre connectee", "Smartwatch Herren", "Slim horloge", "Reloj inteligente"),
    "851821": (
        "Enceinte bluetooth", "Bluetooth Lautsprecher", "Draadloze luidspreker",
        "Altavoz bluetooth",
    ),
    "851830": (
        "Ecouteurs sans fil", "Kopfhoerer", "Draadloze oordopjes", "Auriculares inalambricos",
    ),
    "852351": ("Cle USB", "USB-Stick", "Geheugenkaart", "Memoria USB"),
    "852589": ("Camera de surveillance", "Webcam", "Beveiligingscamera", "Camara de vigilancia"),
    "852862": ("Videoprojecteur", "Beamer", "Mini beamer", "Proyector portatil"),
    "853952": ("Ampoule LED", "LED Lampe", "LED lamp", "Bombilla LED"),
    "854442": ("Cable USB", "Ladekabel", "Oplaadkabel", "Cable de carga"),
    "950450": ("Manette de jeu", "Spielkonsole", "Spelcomputer", "Mando de juego"),
    "392690": ("Coque de telephone", "Handyhuelle", "Telefoonhoesje", "Funda de movil"),
    "391990": ("Film protecteur", "Aufkleber", "Stickervel", "Pegatina"),
    "392410": ("Boite alimentaire", "Frischhaltedose", "Voorraadpot", "Recipiente de cocina"),
    "392490": ("Panier de rangement", "Aufbewahrungskorb", "Opbergmand", "Cesta de almacenaje"),
    "630140": ("Couverture polaire", "Kuscheldecke", "Fleecedeken", "Manta polar"),
    "630232": ("Housse de couette", "Bettwaesche", "Dekbedovertrek", "Funda nordica"),
    "630392": (
        "Rideau occultant", "Verdunkelungsvorhang", "Verduisterend gordijn", "Cortina opaca",
    ),
    "630790": ("Chiffon microfibre", "Mikrofasertuch", "Microvezeldoek", "Pano de limpieza"),
    "670210": ("Fleurs artificielles", "Kunstblumen", "Kunstbloemen", "Flores artificiales"),
    "691110": ("Tasse en porcelaine", "Porzellantasse", "Porseleinen mok", "Taza de porcelana"),
    "701337": ("Verre a boire", "Trinkglas", "Drinkglas", "Vaso de cristal"),
    "732393": ("Gourde inox", "Edelstahl Trinkflasche", "RVS drinkfles", "Botella de acero"),
    "841451": (
        "Ventilateur USB", "Mini Ventilator", "Mini ventilator bureau", "Ventilador portatil",
    ),
    "850811": ("Aspirateur a main", "Handstaubsauger", "Kruimeldief", "Aspirador de mano"),
    "850940": ("Mixeur portable", "Handmixer", "Draagbare blender", "Batidora portatil"),
    "850980": ("Humidificateur", "Luftbefeuchter", "Luchtbevochtiger", "Humidificador"),
    "940320": ("Etagere metal", "Metallregal", "Metalen rek", "Estanteria metalica"),
    "940490": ("Oreiller", "Kopfkissen", "Hoofdkussen", "Almohada"),
    "940542": ("Ruban LED", "LED Lichterkette", "LED strip", "Tira de luces LED"),
    "660191": ("Parapluie pliant", "Regenschirm", "Opvouwbare paraplu", "Paraguas plegable"),
    "660110": ("Parasol de jardin", "Sonnenschirm", "Tuinparasol", "Sombrilla de jardin"),
    "950300": ("Jouet enfant", "Spielzeugauto", "Speelgoed blokken", "Juguete para ninos"),
    "950510": ("Decoration de Noel", "Weihnachtsdeko", "Kerstversiering", "Adorno de Navidad"),
    "950590": ("Ballons de fete", "Partyballons", "Feestballonnen", "Globos de fiesta"),
    "482010": ("Carnet de notes", "Notizbuch", "Notitieboek", "Cuaderno"),
    "490199": ("Livre de coloriage", "Malbuch", "Kleurboek", "Libro para colorear"),
    "960810": ("Stylo bille", "Kugelschreiber", "Balpen", "Boligrafo"),
    "330410": ("Rouge a levres", "Lippenstift", "Lipgloss", "Pintalabios"),
    "330420": ("Fard a paupieres", "Lidschatten", "Oogschaduw", "Sombra de ojos"),
    "330430": ("Vernis a ongles", "Nagellack", "Nagellak", "Esmalte de unas"),
    "330499": ("Creme visage", "Gesichtscreme", "Gezichtscreme", "Crema facial"),
    "330510": ("Shampooing", "Haarshampoo", "Shampoo haar", "Champu"),
    "330300": ("Parfum femme", "Parfuem Damen", "Parfum dames", "Perfume de mujer"),
    "670411": ("Perruque synthetique", "Peruecke", "Pruik", "Peluca sintetica"),
    "851020": ("Tondeuse cheveux", "Haarschneider", "Tondeuse", "Cortapelos"),
    "851631": ("Seche-cheveux", "Haartrockner", "Haardroger", "Secador de pelo"),
    "851632": ("Lisseur cheveux", "Glaetteisen", "Stijltang", "Plancha de pelo"),
    "960321": ("Brosse a dents", "Zahnbuerste", "Tandenborstel", "Cepillo de dientes"),
    "960330": ("Pinceaux maquillage", "Schminkpinsel", "Make-up kwasten", "Brochas de maquillaje"),
    "961511": ("Pince a cheveux", "Haarklammer", "Haarklem", "Pinza para el pelo"),
    "901910": ("Pistolet de massage", "Massagegeraet", "Massageapparaat", "Masajeador"),
    "711311": ("Bague argent 925", "Silberring", "Zilveren ring", "Anillo de plata"),
    "711719": ("Collier fantaisie", "Modeschmuck Ohrringe", "Ketting", "Collar de moda"),
    "711790": ("Bracelet perles", "Perlenarmband", "Kralenarmband", "Pulsera de cuentas"),
    "910211": ("Montre homme", "Armbanduhr Herren", "Herenhorloge", "Reloj de pulsera"),
    "910212": ("Montre numerique", "Digitaluhr", "Digitaal horloge", "Reloj digital"),
    "900410": ("Lunettes de soleil", "Sonnenbrille", "Zonnebril", "Gafas de sol"),
    "640299": ("Sandales femme", "Sandalen", "Slippers dames", "Sandalias"),
    "640399": ("Chaussures cuir", "Lederschuhe", "Leren schoenen", "Zapatos de piel"),
    "640411": ("Baskets homme", "Turnschuhe", "Sneakers heren", "Zapatillas deportivas"),
    "640419": ("Chaussures toile", "Stoffschuhe", "Stoffen schoenen", "Zapatos de lona"),
    "420100": ("Collier chien", "Hundehalsband", "Hondenhalsband", "Collar de perro"),
    "420221": ("Sac a main cuir", "Lederhandtasche", "Leren handtas", "Bolso de piel"),
    "420222": ("Sac a main", "Handtasche", "Handtas", "Bolso de mujer"),
    "420232": ("Portefeuille", "Geldboerse", "Portemonnee", "Cartera"),
    "420292": ("Sac a dos", "Rucksack", "Rugzak", "Mochila"),
    "871499": ("Selle velo", "Fahrradsattel", "Fietszadel", "Sillin de bicicleta"),
    "950691": ("Elastique fitness", "Fitnessband", "Weerstandsband", "Banda elastica"),
    "950699": ("Materiel camping", "Campingzubehoer", "Kampeerhangmat", "Accesorio deportivo"),
    "950730": ("Moulinet de peche", "Angelrolle", "Vismolen", "Carrete de pesca"),
    "871160": ("Trottinette electrique", "E-Scooter", "Elektrische step", "Patinete electrico"),
    "820559": ("Outil a main", "Handwerkzeug", "Handgereedschap", "Herramienta manual"),
    "846721": ("Perceuse sans fil", "Akkubohrer", "Accuboormachine", "Taladro electrico"),
    "870899": ("Piece auto", "Autoersatzteil", "Auto onderdeel", "Recambio de coche"),
    "960719": ("Fermeture eclair", "Reissverschluss", "Ritssluiting", "Cremallera"),
    "392620": ("Gants plastique", "Regenmantel", "Regenponcho", "Guantes de plastico"),
    "901890": ("Oxymetre", "Pulsoximeter", "Saturatiemeter", "Oximetro"),
    "961310": ("Briquet", "Feuerzeug", "Aansteker", "Mechero"),
    "961320": (
        "Briquet rechargeable", "Sturmfeuerzeug", "Navulbare aansteker", "Encendedor recargable",
    ),
    "961380": (
        "Briquet electrique", "Lichtbogen Feuerzeug", "USB aansteker", "Encendedor electrico",
    ),
    "901320": ("Pointeur laser", "Laserpointer", "Laserpen", "Puntero laser"),
    "120930": ("Graines de fleurs", "Blumensamen", "Bloemzaden", "Semillas de flores"),
    "210690": (
        "Complement alimentaire", "Nahrungsergaenzung", "Voedingssupplement",
        "Suplemento alimenticio",
    ),
    "821193": ("Couteau pliant", "Taschenmesser", "Zakmes", "Navaja"),
    "240220": ("Cigarettes", "Zigaretten", "Sigaretten", "Cigarrillos"),
    "240412": ("E-liquide", "E-Liquid", "E-vloeistof", "Liquido de vapeo"),
    "293292": ("PMK", "PMK", "PMK", "PMK"),
    "300490": ("Medicament", "Tabletten", "Geneesmiddel", "Pastillas"),
    "854340": ("Cigarette electronique", "E-Zigarette", "E-sigaret", "Cigarrillo electronico"),
    "930400": ("Pistolet airsoft", "Softair Pistole", "Luchtdrukpistool", "Pistola de airsoft"),
    "930700": ("Poignard", "Dolch", "Dolk", "Daga"),
}
"""French, German, Dutch and Spanish titles, without accents as manifests have them."""
# fmt: on
