/* What Java 17 calls months, days of the week, halves of the day and eras, by language (Unicode CLDR 39, DateFormatSymbols of new
 * Locale(language)); generated. Each row: months, short months, days from Sunday, short days, halves of the day, eras. */
#include "connect/joda.h"

const struct joda_names joda_names_1[] = {
	{ "",
	  "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec\tJan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec\tSun|Mon|Tue|Wed|Th"
	  "u|Fri|Sat\tSun|Mon|Tue|Wed|Thu|Fri|Sat\tAM|PM\tBCE|CE" },
	{ "af",
	  "Januarie|Februarie|Maart|April|Mei|Junie|Julie|Augustus|September|Oktober|November|Desember\tJan.|Feb.|Mrt.|Apr.|Mei"
	  "|Jun.|Jul.|Aug.|Sep.|Okt.|Nov.|Des.\tSondag|Maandag|Dinsdag|Woensdag|Donderdag|Vrydag|Saterdag\tSo.|Ma.|Di.|Wo.|Do.|"
	  "Vr.|Sa.\tvm.|nm.\tv.C.|n.C." },
	{ "agq",
	  "ndzɔ̀ŋɔ̀nùm|ndzɔ̀ŋɔ̀kƗ̀zùʔ|ndzɔ̀ŋɔ̀tƗ̀dʉ̀ghà|ndzɔ̀ŋɔ̀tǎafʉ̄ghā|ndzɔ̀ŋèsèe|ndz"
	  "ɔ̀ŋɔ̀nzùghò|ndzɔ̀ŋɔ̀dùmlo|ndzɔ̀ŋɔ̀kwîfɔ̀e|ndzɔ̀ŋɔ̀tƗ̀fʉ̀ghàdzughù|ndzɔ̀ŋɔ̀ghǔu"
	  "welɔ̀m|ndzɔ̀ŋɔ̀chwaʔàkaa wo|ndzɔ̀ŋèfwòo\tnùm|kɨz|tɨd|taa|see|nzu|dum|fɔe|dzu|lɔm|kaa|fwo\ttsuʔnt"
	  "sɨ|tsuʔukpà|tsuʔughɔe|tsuʔutɔ̀mlò|tsuʔumè|tsuʔughɨ̂m|tsuʔndzɨkɔʔɔ\tnts|kpa|ghɔ|tɔm|ume|ghɨ|dzk"
	  "\ta.g|a.k\tSK|BK" },
	{ "ak",
	  "Sanda-Ɔpɛpɔn|Kwakwar-Ɔgyefuo|Ebɔw-Ɔbenem|Ebɔbira-Oforisuo|Esusow Aketseaba-Kɔtɔnimba|Obirade-Ayɛwohomumu|A"
	  "yɛwoho-Kitawonsa|Difuu-Ɔsandaa|Fankwa-Ɛbɔ|Ɔbɛsɛ-Ahinime|Ɔberɛfɛw-Obubuo|Mumu-Ɔpɛnimba\tS-Ɔ|K-Ɔ|E-Ɔ|E-"
	  "O|E-K|O-A|A-K|D-Ɔ|F-Ɛ|Ɔ-A|Ɔ-O|M-Ɔ\tKwesida|Dwowda|Benada|Wukuda|Yawda|Fida|Memeneda\tKwe|Dwo|Ben|Wuk|Yaw|Fia|Me"
	  "m\tAN|EW\tAK|KE" },
	{ "am",
	  "ጃንዩወሪ|ፌብሩወሪ|ማርች|ኤፕሪል|ሜይ|ጁን|ጁላይ|ኦገስት|ሴፕቴምበር|ኦ"
	  "ክቶበር|ኖቬምበር|ዲሴምበር\tጃንዩ|ፌብሩ|ማርች|ኤፕሪ|ሜይ|ጁን|ጁላይ|ኦገ"
	  "ስ|ሴፕቴ|ኦክቶ|ኖቬም|ዲሴም\tእሑድ|ሰኞ|ማክሰኞ|ረቡዕ|ሐሙስ|ዓርብ|ቅዳሜ\t"
	  "እሑድ|ሰኞ|ማክሰ|ረቡዕ|ሐሙስ|ዓርብ|ቅዳሜ\tጥዋት|ከሰዓት\tዓ/ዓ|ዓ/ም" },
	{ "ar",
	  "يناير|فبراير|مارس|أبريل|مايو|يونيو|يوليو|أغسطس|سبتمبر|أكتوبر|نو"
	  "فمبر|ديسمبر\tيناير|فبراير|مارس|أبريل|مايو|يونيو|يوليو|أغسطس|سبت"
	  "مبر|أكتوبر|نوفمبر|ديسمبر\tالأحد|الاثنين|الثلاثاء|الأربعاء|الخم"
	  "يس|الجمعة|السبت\tالأحد|الاثنين|الثلاثاء|الأربعاء|الخميس|الجمعة|"
	  "السبت\tص|م\tق.م|م" },
	{ "as",
	  "জানুৱাৰী|ফেব্ৰুৱাৰী|মাৰ্চ|এপ্ৰিল|মে’|জুন|জ"
	  "ুলাই|আগষ্ট|ছেপ্তেম্বৰ|অক্টোবৰ|নৱেম্বৰ|ডিচে"
	  "ম্বৰ\tজানু|ফেব্ৰু|মাৰ্চ|এপ্ৰিল|মে’|জুন|জুলাই"
	  "|আগ|ছেপ্তে|অক্টো|নৱে|ডিচে\tদেওবাৰ|সোমবাৰ|মঙ্"
	  "গলবাৰ|বুধবাৰ|বৃহস্পতিবাৰ|শুক্ৰবাৰ|শনিবাৰ\t"
	  "দেও|সোম|মঙ্গল|বুধ|বৃহ|শুক্ৰ|শনি\tপূৰ্বাহ্ন|অ"
	  "পৰাহ্ন\tখ্ৰীঃ পূঃ|খ্ৰীঃ" },
	{ "asa",
	  "Januari|Februari|Machi|Aprili|Mei|Juni|Julai|Agosti|Septemba|Oktoba|Novemba|Desemba\tJan|Feb|Mac|Apr|Mei|Jun|Jul|Ago"
	  "|Sep|Okt|Nov|Dec\tJumapili|Jumatatu|Jumanne|Jumatano|Alhamisi|Ijumaa|Jumamosi\tJpi|Jtt|Jnn|Jtn|Alh|Ijm|Jmo\ticheheav"
	  "o|ichamthi\tKM|BM" },
	{ "ast",
	  "de xineru|de febreru|de marzu|d’abril|de mayu|de xunu|de xunetu|d’agostu|de setiembre|d’ochobre|de payares|d"
	  "’avientu\txin|feb|mar|abr|may|xun|xnt|ago|set|och|pay|avi\tdomingu|llunes|martes|miércoles|xueves|vienres|sábadu"
	  "\tdom|llu|mar|mié|xue|vie|sáb\tde la mañana|de la tarde\te.C.|d.C." },
	{ "az",
	  "yanvar|fevral|mart|aprel|may|iyun|iyul|avqust|sentyabr|oktyabr|noyabr|dekabr\tyan|fev|mar|apr|may|iyn|iyl|avq|sen|ok"
	  "t|noy|dek\tbazar|bazar ertəsi|çərşənbə axşamı|çərşənbə|cümə axşamı|cümə|şənbə\tB.|B.e.|Ç.a.|"
	  "Ç.|C.a.|C.|Ş.\tAM|PM\te.ə.|y.e." },
	{ "bas",
	  "Kɔndɔŋ|Màcɛ̂l|Màtùmb|Màtop|M̀puyɛ|Hìlòndɛ̀|Njèbà|Hìkaŋ|Dìpɔ̀s|Bìòôm|Màyɛsèp|Lìbuy li ń"
	  "yèe\tkɔn|mac|mat|mto|mpu|hil|nje|hik|dip|bio|may|liɓ\tŋgwà nɔ̂y|ŋgwà njaŋgumba|ŋgwà ûm|ŋgwà ŋgê|ŋg"
	  "wà mbɔk|ŋgwà kɔɔ|ŋgwà jôn\tnɔy|nja|uum|ŋge|mbɔ|kɔɔ|jon\tI bikɛ̂glà|I ɓugajɔp\tb.Y.K|m.Y.K" },
	{ "be",
	  "студзеня|лютага|сакавіка|красавіка|мая|чэрвеня|ліпеня|жніўня|в"
	  "ерасня|кастрычніка|лістапада|снежня\tсту|лют|сак|кра|мая|чэр|лі"
	  "п|жні|вер|кас|ліс|сне\tнядзеля|панядзелак|аўторак|серада|чацвер|"
	  "пятніца|субота\tнд|пн|аў|ср|чц|пт|сб\tAM|PM\tда н.э.|н.э." },
	{ "bem",
	  "Januari|Februari|Machi|Epreo|Mei|Juni|Julai|Ogasti|Septemba|Oktoba|Novemba|Disemba\tJan|Feb|Mac|Epr|Mei|Jun|Jul|Oga|"
	  "Sep|Okt|Nov|Dis\tPa Mulungu|Palichimo|Palichibuli|Palichitatu|Palichine|Palichisano|Pachibelushi\tPa Mulungu|Palichi"
	  "mo|Palichibuli|Palichitatu|Palichine|Palichisano|Pachibelushi\tuluchelo|akasuba\tBC|AD" },
	{ "bez",
	  "pa mwedzi gwa hutala|pa mwedzi gwa wuvili|pa mwedzi gwa wudatu|pa mwedzi gwa wutai|pa mwedzi gwa wuhanu|pa mwedzi gw"
	  "a sita|pa mwedzi gwa saba|pa mwedzi gwa nane|pa mwedzi gwa tisa|pa mwedzi gwa kumi|pa mwedzi gwa kumi na moja|pa mwe"
	  "dzi gwa kumi na mbili\tHut|Vil|Dat|Tai|Han|Sit|Sab|Nan|Tis|Kum|Kmj|Kmb\tpa mulungu|pa shahuviluha|pa hivili|pa hidat"
	  "u|pa hitayi|pa hihanu|pa shahulembela\tMul|Vil|Hiv|Hid|Hit|Hih|Lem\tpamilau|pamunyi\tKM|BM" },
	{ "bg",
	  "януари|февруари|март|април|май|юни|юли|август|септември|октомв"
	  "ри|ноември|декември\tяну|фев|март|апр|май|юни|юли|авг|сеп|окт|ное"
	  "|дек\tнеделя|понеделник|вторник|сряда|четвъртък|петък|събота\tн"
	  "д|пн|вт|ср|чт|пт|сб\tпр.об.|сл.об.\tпр.Хр.|сл.Хр." },
	{ "bm",
	  "zanwuye|feburuye|marisi|awirili|mɛ|zuwɛn|zuluye|uti|sɛtanburu|ɔkutɔburu|nowanburu|desanburu\tzan|feb|mar|awi|m"
	  "ɛ|zuw|zul|uti|sɛt|ɔku|now|des\tkari|ntɛnɛ|tarata|araba|alamisa|juma|sibiri\tkar|ntɛ|tar|ara|ala|jum|sib\tAM|PM"
	  "\tJ.-C. ɲɛ|ni J.-C." },
	{ "bn",
	  "জানুয়ারী|ফেব্রুয়ারী|মার্চ|এপ্রিল|মে|জুন|"
	  "জুলাই|আগস্ট|সেপ্টেম্বর|অক্টোবর|নভেম্বর|ডিস"
	  "েম্বর\tজানু|ফেব|মার্চ|এপ্রিল|মে|জুন|জুলাই|আগ"
	  "স্ট|সেপ্টেম্বর|অক্টোবর|নভেম্বর|ডিসেম্বর\tর"
	  "বিবার|সোমবার|মঙ্গলবার|বুধবার|বৃহস্পতিবার|শ"
	  "ুক্রবার|শনিবার\tরবি|সোম|মঙ্গল|বুধ|বৃহস্পতি|শ"
	  "ুক্র|শনি\tAM|PM\tখ্রিস্টপূর্ব|খৃষ্টাব্দ" },
	{ "bo",
	  "ཟླ་བ་དང་པོ|ཟླ་བ་གཉིས་པ|ཟླ་བ་གསུམ་པ|ཟླ་བ་"
	  "བཞི་པ|ཟླ་བ་ལྔ་པ|ཟླ་བ་དྲུག་པ|ཟླ་བ་བདུན་པ|ཟ"
	  "ླ་བ་བརྒྱད་པ|ཟླ་བ་དགུ་པ|ཟླ་བ་བཅུ་པ|ཟླ་བ་བ"
	  "ཅུ་གཅིག་པ|ཟླ་བ་བཅུ་གཉིས་པ\tཟླ་༡|ཟླ་༢|ཟླ་༣|"
	  "ཟླ་༤|ཟླ་༥|ཟླ་༦|ཟླ་༧|ཟླ་༨|ཟླ་༩|ཟླ་༡༠|ཟླ་༡༡|ཟླ"
	  "་༡༢\tགཟའ་ཉི་མ་|གཟའ་ཟླ་བ་|གཟའ་མིག་དམར་|གཟའ་"
	  "ལྷག་པ་|གཟའ་ཕུར་བུ་|གཟའ་པ་སངས་|གཟའ་སྤེན་པ"
	  "་\tཉི་མ་|ཟླ་བ་|མིག་དམར་|ལྷག་པ་|ཕུར་བུ་|པ་སང"
	  "ས་|སྤེན་པ་\tསྔ་དྲོ་|ཕྱི་དྲོ་\tསྤྱི་ལོ་སྔོན"
	  "་|སྤྱི་ལོ་" },
	{ "br",
	  "Genver|Cʼhwevrer|Meurzh|Ebrel|Mae|Mezheven|Gouere|Eost|Gwengolo|Here|Du|Kerzu\tGen.|Cʼhwe.|Meur.|Ebr.|Mae|Mezh.|Go"
	  "ue.|Eost|Gwen.|Here|Du|Kzu.\tSul|Lun|Meurzh|Mercʼher|Yaou|Gwener|Sadorn\tSul|Lun|Meu.|Mer.|Yaou|Gwe.|Sad.\tA.M.|G.M"
	  ".\ta-raok J.K.|goude J.K." },
	{ "brx",
	  "जानुवारी|फेब्रुवारी|मार्स|एफ्रिल|मे|जुन|जु"
	  "लाइ|आगस्थ|सेबथेज्ब़र|अखथबर|नबेज्ब़र|दिसेज्"
	  "ब़र\tजानुवारी|फेब्रुवारी|मार्स|एफ्रिल|मे|जु"
	  "न|जुलाइ|आगस्थ|सेबथेज्ब़र|अखथबर|नबेज्ब़र|दि"
	  "सेज्ब़र\tरबिबार|समबार|मंगलबार|बुदबार|बिसथि"
	  "बार|सुखुरबार|सुनिबार\tरबि|सम|मंगल|बुद|बिसथि|"
	  "सुखुर|सुनि\tफुं|बेलासे\tईसा.पूर्व|सन" },
	{ "bs",
	  "januar|februar|mart|april|maj|juni|juli|august|septembar|oktobar|novembar|decembar\tjan|feb|mar|apr|maj|jun|jul|aug|"
	  "sep|okt|nov|dec\tnedjelja|ponedjeljak|utorak|srijeda|četvrtak|petak|subota\tned|pon|uto|sri|čet|pet|sub\tprijepodn"
	  "e|popodne\tp. n. e.|n. e." },
	{ "ca",
	  "de gener|de febrer|de març|d’abril|de maig|de juny|de juliol|d’agost|de setembre|d’octubre|de novembre|de des"
	  "embre\tde gen.|de febr.|de març|d’abr.|de maig|de juny|de jul.|d’ag.|de set.|d’oct.|de nov.|de des.\tdiumenge"
	  "|dilluns|dimarts|dimecres|dijous|divendres|dissabte\tdg.|dl.|dt.|dc.|dj.|dv.|ds.\ta. m.|p. m.\taC|dC" },
	{ "ccp",
	  "𑄎𑄚𑄪𑄠𑄢𑄨|𑄜𑄬𑄛𑄴𑄝𑄳𑄢𑄪𑄠𑄢𑄨|𑄟𑄢𑄴𑄌𑄧|𑄃𑄬𑄛𑄳𑄢𑄨"
	  "𑄣𑄴|𑄟𑄬|𑄎𑄪𑄚𑄴|𑄎𑄪𑄣𑄭|𑄃𑄉𑄧𑄌𑄴𑄑𑄴|𑄥𑄬𑄛𑄴𑄑𑄬𑄟𑄴"
	  "𑄝𑄧𑄢𑄴|𑄃𑄧𑄇𑄴𑄑𑄬𑄝𑄧𑄢𑄴|𑄚𑄧𑄞𑄬𑄟𑄴𑄝𑄧𑄢𑄴|𑄓𑄨𑄥𑄬"
	  "𑄟𑄴𑄝𑄧𑄢𑄴\t𑄎𑄚𑄪|𑄜𑄬𑄛𑄴|𑄟𑄢𑄴𑄌𑄧|𑄃𑄬𑄛𑄳𑄢𑄨𑄣𑄴|𑄟"
	  "𑄬|𑄎𑄪𑄚𑄴|𑄎𑄪𑄣𑄭|𑄃𑄉𑄧𑄌𑄴𑄑𑄴|𑄥𑄬𑄛𑄴𑄑𑄬𑄟𑄴𑄝𑄧𑄢𑄴"
	  "|𑄃𑄧𑄇𑄴𑄑𑄮𑄝𑄧𑄢𑄴|𑄚𑄧𑄞𑄬𑄟𑄴𑄝𑄧𑄢𑄴|𑄓𑄨𑄥𑄬𑄟𑄴𑄝𑄢"
	  "𑄴\t𑄢𑄧𑄝𑄨𑄝𑄢𑄴|𑄥𑄧𑄟𑄴𑄝𑄢𑄴|𑄟𑄧𑄁𑄉𑄧𑄣𑄴𑄝𑄢𑄴|𑄝𑄪"
	  "𑄖𑄴𑄝𑄢𑄴|𑄝𑄳𑄢𑄨𑄥𑄪𑄛𑄴𑄝𑄢𑄴|𑄥𑄪𑄇𑄴𑄇𑄮𑄢𑄴𑄝𑄢𑄴|𑄥"
	  "𑄧𑄚𑄨𑄝𑄢𑄴\t𑄢𑄧𑄝𑄨|𑄥𑄧𑄟𑄴|𑄟𑄧𑄁𑄉𑄧𑄣𑄴|𑄝𑄪𑄖𑄴|𑄝𑄳"
	  "𑄢𑄨𑄥𑄪𑄛𑄴|𑄥𑄪𑄇𑄴𑄇𑄮𑄢𑄴|𑄥𑄧𑄚𑄨\tAM|PM\t𑄈𑄳𑄢𑄨𑄌𑄴𑄑𑄴"
	  "𑄛𑄫𑄢𑄴𑄝𑄧|𑄈𑄳𑄢𑄨𑄌𑄴𑄑𑄛𑄴𑄘𑄧" },
	{ "ce",
	  "январь|февраль|март|апрель|май|июнь|июль|август|сентябрь|октяб"
	  "рь|ноябрь|декабрь\tянв|фев|мар|апр|май|июн|июл|авг|сен|окт|ноя|де"
	  "к\tкӀира|оршот|шинара|кхаара|еара|пӀераска|шуот\tкӀи|ор|ши|кха|еа"
	  "|пӀе|шуо\tAM|PM\tв. э. тӀ. я|в. э" },
	{ "ceb",
	  "Enero|Pebrero|Marso|Abril|Mayo|Hunyo|Hulyo|Agosto|Setyembre|Oktubre|Nobyembre|Disyembre\tEne|Peb|Mar|Abr|May|Hun|Hul"
	  "|Ago|Set|Okt|Nob|Dis\tDomingo|Lunes|Martes|Miyerkules|Huwebes|Biyernes|Sabado\tDom|Lun|Mar|Miy|Huw|Biy|Sab\tAM|PM\tB"
	  "C|AD" },
	{ "cgg",
	  "Okwokubanza|Okwakabiri|Okwakashatu|Okwakana|Okwakataana|Okwamukaaga|Okwamushanju|Okwamunaana|Okwamwenda|Okwaikumi|Ok"
	  "waikumi na kumwe|Okwaikumi na ibiri\tKBZ|KBR|KST|KKN|KTN|KMK|KMS|KMN|KMW|KKM|KNK|KNB\tSande|Orwokubanza|Orwakabiri|O"
	  "rwakashatu|Orwakana|Orwakataano|Orwamukaaga\tSAN|ORK|OKB|OKS|OKN|OKT|OMK\tAM|PM\tBC|AD" },
	{ "chr",
	  "ᎤᏃᎸᏔᏅ|ᎧᎦᎵ|ᎠᏅᏱ|ᎧᏬᏂ|ᎠᏂᏍᎬᏘ|ᏕᎭᎷᏱ|ᎫᏰᏉᏂ|ᎦᎶᏂ|ᏚᎵᏍᏗ|Ꮪ"
	  "ᏂᏅᏗ|ᏅᏓᏕᏆ|ᎥᏍᎩᏱ\tᎤᏃ|ᎧᎦ|ᎠᏅ|ᎧᏬ|ᎠᏂ|ᏕᎭ|ᎫᏰ|ᎦᎶ|ᏚᎵ|ᏚᏂ|ᏅᏓ|"
	  "ᎥᏍ\tᎤᎾᏙᏓᏆᏍᎬ|ᎤᎾᏙᏓᏉᏅᎯ|ᏔᎵᏁᎢᎦ|ᏦᎢᏁᎢᎦ|ᏅᎩᏁᎢᎦ|ᏧᎾᎩᎶᏍ"
	  "Ꮧ|ᎤᎾᏙᏓᏈᏕᎾ\tᏆᏍᎬ|ᏉᏅᎯ|ᏔᎵᏁ|ᏦᎢᏁ|ᏅᎩᏁ|ᏧᎾᎩ|ᏈᏕᎾ\tᏌᎾᎴ|ᏒᎯ"
	  "ᏱᎢᏗᏢ\tBC|AD" },
	{ "ckb",
	  "کانوونی دووەم|شوبات|ئازار|نیسان|ئایار|حوزەیران|تەمووز|ئاب|ئەیل"
	  "وول|تشرینی یەکەم|تشرینی دووەم|کانونی یەکەم\tکانوونی دووەم|شوبات"
	  "|ئازار|نیسان|ئایار|حوزەیران|تەمووز|ئاب|ئەیلوول|تشرینی یەکەم|تشر"
	  "ینی دووەم|کانونی یەکەم\tیەکشەممە|دووشەممە|سێشەممە|چوارشەممە|پێ"
	  "نجشەممە|ھەینی|شەممە\tیەکشەممە|دووشەممە|سێشەممە|چوارشەممە|پێنجش"
	  "ەممە|ھەینی|شەممە\tب.ن|د.ن\tپێش زایین|زایینی" },
	{ "cs",
	  "ledna|února|března|dubna|května|června|července|srpna|září|října|listopadu|prosince\tled|úno|bře|dub|kv"
	  "ě|čvn|čvc|srp|zář|říj|lis|pro\tneděle|pondělí|úterý|středa|čtvrtek|pátek|sobota\tne|po|út|st|čt|pá"
	  "|so\tdop.|odp.\tpř. n. l.|n. l." },
	{ "cy",
	  "Ionawr|Chwefror|Mawrth|Ebrill|Mai|Mehefin|Gorffennaf|Awst|Medi|Hydref|Tachwedd|Rhagfyr\tIon|Chwef|Maw|Ebr|Mai|Meh|Go"
	  "rff|Awst|Medi|Hyd|Tach|Rhag\tDydd Sul|Dydd Llun|Dydd Mawrth|Dydd Mercher|Dydd Iau|Dydd Gwener|Dydd Sadwrn\tSul|Llun|"
	  "Maw|Mer|Iau|Gwen|Sad\tyb|yh\tCC|OC" },
	{ "da",
	  "januar|februar|marts|april|maj|juni|juli|august|september|oktober|november|december\tjan.|feb.|mar.|apr.|maj|jun.|ju"
	  "l.|aug.|sep.|okt.|nov.|dec.\tsøndag|mandag|tirsdag|onsdag|torsdag|fredag|lørdag\tsøn.|man.|tir.|ons.|tor.|fre.|l"
	  "ør.\tAM|PM\tf.Kr.|e.Kr." },
	{ "dav",
	  "Mori ghwa imbiri|Mori ghwa kawi|Mori ghwa kadadu|Mori ghwa kana|Mori ghwa kasanu|Mori ghwa karandadu|Mori ghwa mfung"
	  "ade|Mori ghwa wunyanya|Mori ghwa ikenda|Mori ghwa ikumi|Mori ghwa ikumi na imweri|Mori ghwa ikumi na iwi\tImb|Kaw|Ka"
	  "d|Kan|Kas|Kar|Mfu|Wun|Ike|Iku|Imw|Iwi\tItuku ja jumwa|Kuramuka jimweri|Kuramuka kawi|Kuramuka kadadu|Kuramuka kana|K"
	  "uramuka kasanu|Kifula nguwo\tJum|Jim|Kaw|Kad|Kan|Kas|Ngu\tLuma lwa K|luma lwa p\tKK|BK" },
	{ "de",
	  "Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember\tJan.|Feb.|März|Apr.|Mai|Juni|J"
	  "uli|Aug.|Sept.|Okt.|Nov.|Dez.\tSonntag|Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag\tSo.|Mo.|Di.|Mi.|Do.|Fr.|"
	  "Sa.\tAM|PM\tv. Chr.|n. Chr." },
	{ "dje",
	  "Žanwiye|Feewiriye|Marsi|Awiril|Me|Žuweŋ|Žuyye|Ut|Sektanbur|Oktoobur|Noowanbur|Deesanbur\tŽan|Fee|Mar|Awi|Me|Žu"
	  "w|Žuy|Ut|Sek|Okt|Noo|Dee\tAlhadi|Atinni|Atalaata|Alarba|Alhamisi|Alzuma|Asibti\tAlh|Ati|Ata|Ala|Alm|Alz|Asi\tSubbaa"
	  "hi|Zaarikay b\tIJ|IZ" },
	{ "doi",
	  "जनवरी|फरवरी|मार्च|अप्रैल|मेई|जून|जुलाई|अगस्"
	  "त|सितंबर|अत्तूबर|नवंबर|दिसंबर\tजन.|फर.|मार्च|अ"
	  "प्रैल|मेई|जून|जुलाई|अग.|सित.|अक्तू.|नव.|दिस.\tऐत"
	  "बार|सोमबार|मंगलबार|बुधबार|बीरबार|शुक्रबार|"
	  "शनीबार\tऐत|सोम|मंगल|बुध|बीर|शुक्र|शनि\tसवेर|बा"
	  "द दपैहर\tई.पू.|ईसवी" },
	{ "dsb",
	  "januara|februara|měrca|apryla|maja|junija|julija|awgusta|septembra|oktobra|nowembra|decembra\tjan.|feb.|měr.|apr.|"
	  "maj.|jun.|jul.|awg.|sep.|okt.|now.|dec.\tnjeźela|pónjeźele|wałtora|srjoda|stwórtk|pětk|sobota\tnje|pón|wał|s"
	  "rj|stw|pět|sob\tdopołdnja|wótpołdnja\tpś.Chr.n.|pó Chr.n." },
	{ "dua",
	  "dimɔ́di|ŋgɔndɛ|sɔŋɛ|diɓáɓá|emiasele|esɔpɛsɔpɛ|madiɓɛ́díɓɛ́|diŋgindi|nyɛtɛki|mayésɛ́|tin"
	  "íní|eláŋgɛ́\tdi|ŋgɔn|sɔŋ|diɓ|emi|esɔ|mad|diŋ|nyɛt|may|tin|elá\téti|mɔ́sú|kwasú|mukɔ́sú|ŋgis"
	  "ú|ɗónɛsú|esaɓasú\tét|mɔ́s|kwa|muk|ŋgi|ɗón|esa\tidiɓa|ebyámu\tɓ.Ys|mb.Ys" },
	{ "dyo",
	  "Sanvie|Fébirie|Mars|Aburil|Mee|Sueŋ|Súuyee|Ut|Settembar|Oktobar|Novembar|Disambar\tSa|Fe|Ma|Ab|Me|Su|Sú|Ut|Se|Ok"
	  "|No|De\tDimas|Teneŋ|Talata|Alarbay|Aramisay|Arjuma|Sibiti\tDim|Ten|Tal|Ala|Ara|Arj|Sib\tAM|PM\tArY|AtY" },
	{ "dz",
	  "ཟླ་དངཔ་|ཟླ་གཉིས་པ་|ཟླ་གསུམ་པ་|ཟླ་བཞི་པ་|ཟ"
	  "ླ་ལྔ་པ་|ཟླ་དྲུག་པ|ཟླ་བདུན་པ་|ཟླ་བརྒྱད་པ་|"
	  "ཟླ་དགུ་པ་|ཟླ་བཅུ་པ་|ཟླ་བཅུ་གཅིག་པ་|ཟླ་བཅ"
	  "ུ་གཉིས་པ་\t༡|༢|༣|༤|༥|༦|༧|༨|༩|༡༠|༡༡|12\tགཟའ་ཟླ་བ་|ག"
	  "ཟའ་མིག་དམར་|གཟའ་ལྷག་པ་|གཟའ་ཕུར་བུ་|གཟའ་པ"
	  "་སངས་|གཟའ་སྤེན་པ་|གཟའ་ཉི་མ་\tཟླ་|མིར་|ལྷག་|"
	  "ཕུར་|སངས་|སྤེན་|ཉི་\tསྔ་ཆ་|ཕྱི་ཆ་\tBCE|CE" },
	{ "ebu",
	  "Mweri wa mbere|Mweri wa kaĩri|Mweri wa kathatũ|Mweri wa kana|Mweri wa gatano|Mweri wa gatantatũ|Mweri wa mũgwanj"
	  "a|Mweri wa kanana|Mweri wa kenda|Mweri wa ikũmi|Mweri wa ikũmi na ũmwe|Mweri wa ikũmi na Kaĩrĩ\tMbe|Kai|Kat|Ka"
	  "n|Gat|Gan|Mug|Knn|Ken|Iku|Imw|Igi\tKiumia|Njumatatu|Njumaine|Njumatano|Aramithi|Njumaa|NJumamothii\tKma|Tat|Ine|Tan|"
	  "Arm|Maa|NMM\tKI|UT\tMK|TK" },
	{ "ee",
	  "dzove|dzodze|tedoxe|afɔfĩe|dama|masa|siamlɔm|deasiamime|anyɔnyɔ|kele|adeɛmekpɔxe|dzome\tdzv|dzd|ted|afɔ|dam|"
	  "mas|sia|dea|any|kel|ade|dzm\tkɔsiɖa|dzoɖa|blaɖa|kuɖa|yawoɖa|fiɖa|memleɖa\tkɔs|dzo|bla|kuɖ|yaw|fiɖ|mem\tŋ"
	  "di|ɣetrɔ\tHYV|Yŋ" },
	{ "el",
	  "Ιανουαρίου|Φεβρουαρίου|Μαρτίου|Απριλίου|Μαΐου|Ιουνίου|Ιουλίου"
	  "|Αυγούστου|Σεπτεμβρίου|Οκτωβρίου|Νοεμβρίου|Δεκεμβρίου\tΙαν|Φεβ"
	  "|Μαρ|Απρ|Μαΐ|Ιουν|Ιουλ|Αυγ|Σεπ|Οκτ|Νοε|Δεκ\tΚυριακή|Δευτέρα|Τρίτη"
	  "|Τετάρτη|Πέμπτη|Παρασκευή|Σάββατο\tΚυρ|Δευ|Τρί|Τετ|Πέμ|Παρ|Σάβ\tπ"
	  ".μ.|μ.μ.\tπ.Χ.|μ.Χ." },
	{ "en",
	  "January|February|March|April|May|June|July|August|September|October|November|December\tJan|Feb|Mar|Apr|May|Jun|Jul|A"
	  "ug|Sep|Oct|Nov|Dec\tSunday|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday\tSun|Mon|Tue|Wed|Thu|Fri|Sat\tAM|PM\tBC"
	  "|AD" },
	{ "eo",
	  "januaro|februaro|marto|aprilo|majo|junio|julio|aŭgusto|septembro|oktobro|novembro|decembro\tjan|feb|mar|apr|maj|jun"
	  "|jul|aŭg|sep|okt|nov|dec\tdimanĉo|lundo|mardo|merkredo|ĵaŭdo|vendredo|sabato\tdi|lu|ma|me|ĵa|ve|sa\tatm|ptm\taK"
	  "|pK" },
	{ "es",
	  "enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre\tene|feb|mar|abr|may|jun|ju"
	  "l|ago|sept|oct|nov|dic\tdomingo|lunes|martes|miércoles|jueves|viernes|sábado\tdom|lun|mar|mié|jue|vie|sáb\ta. m"
	  ".|p. m.\ta. C.|d. C." },
	{ "et",
	  "jaanuar|veebruar|märts|aprill|mai|juuni|juuli|august|september|oktoober|november|detsember\tjaan|veebr|märts|apr|m"
	  "ai|juuni|juuli|aug|sept|okt|nov|dets\tpühapäev|esmaspäev|teisipäev|kolmapäev|neljapäev|reede|laupäev\tP|E|T|K"
	  "|N|R|L\tAM|PM\teKr|pKr" },
	{ "eu",
	  "urtarrilak|otsailak|martxoak|apirilak|maiatzak|ekainak|uztailak|abuztuak|irailak|urriak|azaroak|abenduak\turt.|ots.|"
	  "mar.|api.|mai.|eka.|uzt.|abu.|ira.|urr.|aza.|abe.\tigandea|astelehena|asteartea|asteazkena|osteguna|ostirala|larunba"
	  "ta\tig.|al.|ar.|az.|og.|or.|lr.\tAM|PM\tK.a.|K.o." },
	{ "ewo",
	  "ngɔn osú|ngɔn bɛ̌|ngɔn lála|ngɔn nyina|ngɔn tána|ngɔn saməna|ngɔn zamgbála|ngɔn mwom|ngɔn ebulú|ng"
	  "ɔn awóm|ngɔn awóm ai dziá|ngɔn awóm ai bɛ̌\tngo|ngb|ngl|ngn|ngt|ngs|ngz|ngm|nge|nga|ngad|ngab\tsɔ́ndɔ|m"
	  "ɔ́ndi|sɔ́ndɔ məlú mə́bɛ̌|sɔ́ndɔ məlú mə́lɛ́|sɔ́ndɔ məlú mə́nyi|fúladé|séradé\tsɔ́n|"
	  "mɔ́n|smb|sml|smn|fúl|sér\tkíkíríg|ngəgógəle\toyk|ayk" },
	{ "fa",
	  "ژانویهٔ|فوریهٔ|مارس|آوریل|مهٔ|ژوئن|ژوئیهٔ|اوت|سپتامبر|اکتبر|نوا"
	  "مبر|دسامبر\tژانویهٔ|فوریهٔ|مارس|آوریل|مهٔ|ژوئن|ژوئیهٔ|اوت|سپتام"
	  "بر|اکتبر|نوامبر|دسامبر\tیکشنبه|دوشنبه|سه‌شنبه|چهارشنبه|پنجشنبه"
	  "|جمعه|شنبه\tیکشنبه|دوشنبه|سه‌شنبه|چهارشنبه|پنجشنبه|جمعه|شنبه\tق"
	  "بل‌ازظهر|بعدازظهر\tق.م.|م." },
	{ "ff",
	  "siilo|colte|mbooy|seeɗto|duujal|korse|morso|juko|siilto|yarkomaa|jolal|bowte\tsii|col|mbo|see|duu|kor|mor|juk|slt|y"
	  "ar|jol|bow\tdewo|aaɓnde|mawbaare|njeslaare|naasaande|mawnde|hoore-biir\tdew|aaɓ|maw|nje|naa|mwd|hbi\tsubaka|kikii"
	  "ɗe\tH-I|C-I" },
	{ "fi",
	  "tammikuuta|helmikuuta|maaliskuuta|huhtikuuta|toukokuuta|kesäkuuta|heinäkuuta|elokuuta|syyskuuta|lokakuuta|marrasku"
	  "uta|joulukuuta\ttammik.|helmik.|maalisk.|huhtik.|toukok.|kesäk.|heinäk.|elok.|syysk.|lokak.|marrask.|jouluk.\tsunn"
	  "untaina|maanantaina|tiistaina|keskiviikkona|torstaina|perjantaina|lauantaina\tsu|ma|ti|ke|to|pe|la\tap.|ip.\teKr.|jK"
	  "r." },
	{ "fil",
	  "Enero|Pebrero|Marso|Abril|Mayo|Hunyo|Hulyo|Agosto|Setyembre|Oktubre|Nobyembre|Disyembre\tEne|Peb|Mar|Abr|May|Hun|Hul"
	  "|Ago|Set|Okt|Nob|Dis\tLinggo|Lunes|Martes|Miyerkules|Huwebes|Biyernes|Sabado\tLin|Lun|Mar|Miy|Huw|Biy|Sab\tAM|PM\tBC"
	  "|AD" },
	{ "fo",
	  "januar|februar|mars|apríl|mai|juni|juli|august|september|oktober|november|desember\tjan.|feb.|mar.|apr.|mai|jun.|ju"
	  "l.|aug.|sep.|okt.|nov.|des.\tsunnudagur|mánadagur|týsdagur|mikudagur|hósdagur|fríggjadagur|leygardagur\tsun.|má"
	  "n.|týs.|mik.|hós.|frí.|ley.\tAM|PM\tf.Kr.|e.Kr." },
	{ "fr",
	  "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre\tjanv.|févr.|mars|avr.|mai|"
	  "juin|juil.|août|sept.|oct.|nov.|déc.\tdimanche|lundi|mardi|mercredi|jeudi|vendredi|samedi\tdim.|lun.|mar.|mer.|jeu"
	  ".|ven.|sam.\tAM|PM\tav. J.-C.|ap. J.-C." },
	{ "fur",
	  "Zenâr|Fevrâr|Març|Avrîl|Mai|Jugn|Lui|Avost|Setembar|Otubar|Novembar|Dicembar\tZen|Fev|Mar|Avr|Mai|Jug|Lui|Avo|Se"
	  "t|Otu|Nov|Dic\tdomenie|lunis|martars|miercus|joibe|vinars|sabide\tdom|lun|mar|mie|joi|vin|sab\ta.|p.\tpdC|ddC" },
	{ "fy",
	  "Jannewaris|Febrewaris|Maart|April|Maaie|Juny|July|Augustus|Septimber|Oktober|Novimber|Desimber\tJan|Feb|Mrt|Apr|Mai|"
	  "Jun|Jul|Aug|Sep|Okt|Nov|Des\tsnein|moandei|tiisdei|woansdei|tongersdei|freed|sneon\tsi|mo|ti|wo|to|fr|so\tAM|PM\tf.K"
	  "r.|n.Kr." },
	{ "ga",
	  "Eanáir|Feabhra|Márta|Aibreán|Bealtaine|Meitheamh|Iúil|Lúnasa|Meán Fómhair|Deireadh Fómhair|Samhain|Nollaig\t"
	  "Ean|Feabh|Márta|Aib|Beal|Meith|Iúil|Lún|MFómh|DFómh|Samh|Noll\tDé Domhnaigh|Dé Luain|Dé Máirt|Dé Céadaoin"
	  "|Déardaoin|Dé hAoine|Dé Sathairn\tDomh|Luan|Máirt|Céad|Déar|Aoine|Sath\tr.n.|i.n.\tRC|AD" },
	{ "gd",
	  "dhen Fhaoilleach|dhen Ghearran|dhen Mhàrt|dhen Ghiblean|dhen Chèitean|dhen Ògmhios|dhen Iuchar|dhen Lùnastal|dhe"
	  "n t-Sultain|dhen Dàmhair|dhen t-Samhain|dhen Dùbhlachd\tFaoi|Gearr|Màrt|Gibl|Cèit|Ògmh|Iuch|Lùna|Sult|Dàmh|Sa"
	  "mh|Dùbh\tDiDòmhnaich|DiLuain|DiMàirt|DiCiadain|DiarDaoin|DihAoine|DiSathairne\tDiD|DiL|DiM|DiC|Dia|Dih|DiS\tm|f\t"
	  "RC|AD" },
	{ "gl",
	  "xaneiro|febreiro|marzo|abril|maio|xuño|xullo|agosto|setembro|outubro|novembro|decembro\txan.|feb.|mar.|abr.|maio|xu"
	  "ño|xul.|ago.|set.|out.|nov.|dec.\tdomingo|luns|martes|mércores|xoves|venres|sábado\tdom.|luns|mar.|mér.|xov.|ven"
	  ".|sáb.\ta.m.|p.m.\ta.C.|d.C." },
	{ "gsw",
	  "Januar|Februar|März|April|Mai|Juni|Juli|Auguscht|Septämber|Oktoober|Novämber|Dezämber\tJan|Feb|Mär|Apr|Mai|Jun|"
	  "Jul|Aug|Sep|Okt|Nov|Dez\tSunntig|Määntig|Ziischtig|Mittwuch|Dunschtig|Friitig|Samschtig\tSu.|Mä.|Zi.|Mi.|Du.|Fr.|"
	  "Sa.\tam Vormittag|am Namittag\tv. Chr.|n. Chr." },
	{ "gu",
	  "જાન્યુઆરી|ફેબ્રુઆરી|માર્ચ|એપ્રિલ|મે|જૂન|જુ"
	  "લાઈ|ઑગસ્ટ|સપ્ટેમ્બર|ઑક્ટોબર|નવેમ્બર|ડિસેમ્"
	  "બર\tજાન્યુ|ફેબ્રુ|માર્ચ|એપ્રિલ|મે|જૂન|જુલાઈ|"
	  "ઑગસ્ટ|સપ્ટે|ઑક્ટો|નવે|ડિસે\tરવિવાર|સોમવાર|મં"
	  "ગળવાર|બુધવાર|ગુરુવાર|શુક્રવાર|શનિવાર\tરવિ|સ"
	  "ોમ|મંગળ|બુધ|ગુરુ|શુક્ર|શનિ\tAM|PM\tઈ.સ.પૂર્વે|ઈ.સ." },
	{ "guz",
	  "Chanuari|Feburari|Machi|Apiriri|Mei|Juni|Chulai|Agosti|Septemba|Okitoba|Nobemba|Disemba\tCan|Feb|Mac|Apr|Mei|Jun|Cul"
	  "|Agt|Sep|Okt|Nob|Dis\tChumapiri|Chumatato|Chumaine|Chumatano|Aramisi|Ichuma|Esabato\tCpr|Ctt|Cmn|Cmt|Ars|Icm|Est\tMa"
	  "mbia|Mog\tYA|YK" },
	{ "gv",
	  "Jerrey-geuree|Toshiaght-arree|Mayrnt|Averil|Boaldyn|Mean-souree|Jerrey-souree|Luanistyn|Mean-fouyir|Jerrey-fouyir|Me"
	  "e Houney|Mee ny Nollick\tJ-guer|T-arree|Mayrnt|Avrril|Boaldyn|M-souree|J-souree|Luanistyn|M-fouyir|J-fouyir|M-Houney"
	  "|M-Nollick\tJedoonee|Jelhein|Jemayrt|Jercean|Jerdein|Jeheiney|Jesarn\tJed|Jel|Jem|Jerc|Jerd|Jeh|Jes\ta.m.|p.m.\tRC|A"
	  "D" },
	{ "ha",
	  "Janairu|Faburairu|Maris|Afirilu|Mayu|Yuni|Yuli|Agusta|Satumba|Oktoba|Nuwamba|Disamba\tJan|Fab|Mar|Afi|May|Yun|Yul|Ag"
	  "u|Sat|Okt|Nuw|Dis\tLahadi|Litinin|Talata|Laraba|Alhamis|Jummaʼa|Asabar\tLah|Lit|Tal|Lar|Alh|Jum|Asa\tSafiya|Yamma\t"
	  "K.H|BHAI" },
	{ "haw",
	  "Ianuali|Pepeluali|Malaki|ʻApelila|Mei|Iune|Iulai|ʻAukake|Kepakemapa|ʻOkakopa|Nowemapa|Kekemapa\tIan.|Pep.|Mal.|ʻ"
	  "Ap.|Mei|Iun.|Iul.|ʻAu.|Kep.|ʻOk.|Now.|Kek.\tLāpule|Poʻakahi|Poʻalua|Poʻakolu|Poʻahā|Poʻalima|Poʻaono\tLP|P"
	  "1|P2|P3|P4|P5|P6\tAM|PM\tBCE|CE" },
	{ "he",
	  "ינואר|פברואר|מרץ|אפריל|מאי|יוני|יולי|אוגוסט|ספטמבר|אוקטובר|נובמ"
	  "בר|דצמבר\tינו׳|פבר׳|מרץ|אפר׳|מאי|יוני|יולי|אוג׳|ספט׳|אוק׳|נוב׳|דצ"
	  "מ׳\tיום ראשון|יום שני|יום שלישי|יום רביעי|יום חמישי|יום שישי|יום "
	  "שבת\tיום א׳|יום ב׳|יום ג׳|יום ד׳|יום ה׳|יום ו׳|שבת\tלפנה״צ|אחה״צ\tל"
	  "פנה״ס|לספירה" },
	{ "hi",
	  "जनवरी|फ़रवरी|मार्च|अप्रैल|मई|जून|जुलाई|अगस्"
	  "त|सितंबर|अक्तूबर|नवंबर|दिसंबर\tजन॰|फ़र॰|मार्"
	  "च|अप्रैल|मई|जून|जुल॰|अग॰|सित॰|अक्तू॰|नव॰|दिस"
	  "॰\tरविवार|सोमवार|मंगलवार|बुधवार|गुरुवार|शुक"
	  "्रवार|शनिवार\tरवि|सोम|मंगल|बुध|गुरु|शुक्र|शन"
	  "ि\tam|pm\tईसा-पूर्व|ईस्वी" },
	{ "hr",
	  "siječnja|veljače|ožujka|travnja|svibnja|lipnja|srpnja|kolovoza|rujna|listopada|studenoga|prosinca\tsij|velj|ožu|"
	  "tra|svi|lip|srp|kol|ruj|lis|stu|pro\tnedjelja|ponedjeljak|utorak|srijeda|četvrtak|petak|subota\tned|pon|uto|sri|če"
	  "t|pet|sub\tAM|PM\tpr. Kr.|po. Kr." },
	{ "hsb",
	  "januara|februara|měrca|apryla|meje|junija|julija|awgusta|septembra|oktobra|nowembra|decembra\tjan.|feb.|měr.|apr.|"
	  "mej.|jun.|jul.|awg.|sep.|okt.|now.|dec.\tnjedźela|póndźela|wutora|srjeda|štwórtk|pjatk|sobota\tnje|pón|wut|srj"
	  "|štw|pja|sob\tdopołdnja|popołdnju\tpř.Chr.n.|po Chr.n." },
	{ "hu",
	  "január|február|március|április|május|június|július|augusztus|szeptember|október|november|december\tjan.|febr"
	  ".|márc.|ápr.|máj.|jún.|júl.|aug.|szept.|okt.|nov.|dec.\tvasárnap|hétfő|kedd|szerda|csütörtök|péntek|szom"
	  "bat\tV|H|K|Sze|Cs|P|Szo\tde.|du.\ti. e.|i. sz." },
	{ "hy",
	  "հունվարի|փետրվարի|մարտի|ապրիլի|մայիսի|հունիսի|հուլիսի|օգոստոս"
	  "ի|սեպտեմբերի|հոկտեմբերի|նոյեմբերի|դեկտեմբերի\tհնվ|փտվ|մրտ|ապր|մ"
	  "յս|հնս|հլս|օգս|սեպ|հոկ|նոյ|դեկ\tկիրակի|երկուշաբթի|երեքշաբթի|չորե"
	  "քշաբթի|հինգշաբթի|ուրբաթ|շաբաթ\tկիր|երկ|երք|չրք|հնգ|ուր|շբթ\tAM|PM\tմ"
	  ".թ.ա.|մ.թ." },
	{ "ia",
	  "januario|februario|martio|april|maio|junio|julio|augusto|septembre|octobre|novembre|decembre\tjan|feb|mar|apr|mai|ju"
	  "n|jul|aug|sep|oct|nov|dec\tdominica|lunedi|martedi|mercuridi|jovedi|venerdi|sabbato\tdom|lun|mar|mer|jov|ven|sab\tAM"
	  "|PM\ta.Chr.|p.Chr." },
	{ "id",
	  "Januari|Februari|Maret|April|Mei|Juni|Juli|Agustus|September|Oktober|November|Desember\tJan|Feb|Mar|Apr|Mei|Jun|Jul|"
	  "Agu|Sep|Okt|Nov|Des\tMinggu|Senin|Selasa|Rabu|Kamis|Jumat|Sabtu\tMin|Sen|Sel|Rab|Kam|Jum|Sab\tAM|PM\tSM|M" },
	{ "ig",
	  "Jenụwarị|Febrụwarị|Maachị|Epreel|Mee|Juun|Julaị|Ọgọọst|Septemba|Ọktoba|Novemba|Disemba\tJen|Feb|"
	  "Maa|Epr|Mee|Juu|Jul|Ọgọ|Sep|Ọkt|Nov|Dis\tSọndee|Mọnde|Tiuzdee|Wenezdee|Tọọzdee|Fraịdee|Satọdee\tS"
	  "ọn|Mọn|Tiu|Wen|Tọọ|Fraị|Sat\tN’ụtụtụ|N’abali\tT.K.|A.K." },
	{ "ii",
	  "ꋍꆪ|ꑍꆪ|ꌕꆪ|ꇖꆪ|ꉬꆪ|ꃘꆪ|ꏃꆪ|ꉆꆪ|ꈬꆪ|ꊰꆪ|ꊰꊪꆪ|ꊰꑋꆪ\tꋍꆪ|ꑍꆪ|ꌕꆪ|ꇖ"
	  "ꆪ|ꉬꆪ|ꃘꆪ|ꏃꆪ|ꉆꆪ|ꈬꆪ|ꊰꆪ|ꊰꊪꆪ|ꊰꑋꆪ\tꑭꆏꑍ|ꆏꊂꋍ|ꆏꊂꑍ|ꆏꊂꌕ|ꆏꊂꇖ"
	  "|ꆏꊂꉬ|ꆏꊂꃘ\tꑭꆏ|ꆏꋍ|ꆏꑍ|ꆏꌕ|ꆏꇖ|ꆏꉬ|ꆏꃘ\tꎸꄑ|ꁯꋒ\tꃅꋊꂿ|ꃅꋊꊂ" },
	{ "in",
	  "Januari|Februari|Maret|April|Mei|Juni|Juli|Agustus|September|Oktober|November|Desember\tJan|Feb|Mar|Apr|Mei|Jun|Jul|"
	  "Agu|Sep|Okt|Nov|Des\tMinggu|Senin|Selasa|Rabu|Kamis|Jumat|Sabtu\tMin|Sen|Sel|Rab|Kam|Jum|Sab\tAM|PM\tSM|M" },
	{ "is",
	  "janúar|febrúar|mars|apríl|maí|júní|júlí|ágúst|september|október|nóvember|desember\tjan.|feb.|mar.|apr.|m"
	  "aí|jún.|júl.|ágú.|sep.|okt.|nóv.|des.\tsunnudagur|mánudagur|þriðjudagur|miðvikudagur|fimmtudagur|föstudag"
	  "ur|laugardagur\tsun.|mán.|þri.|mið.|fim.|fös.|lau.\tf.h.|e.h.\tf.Kr.|e.Kr." },
	{ "it",
	  "gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|dicembre\tgen|feb|mar|apr|mag|g"
	  "iu|lug|ago|set|ott|nov|dic\tdomenica|lunedì|martedì|mercoledì|giovedì|venerdì|sabato\tdom|lun|mar|mer|gio|ven|s"
	  "ab\tAM|PM\ta.C.|d.C." },
	{ "iw",
	  "ינואר|פברואר|מרץ|אפריל|מאי|יוני|יולי|אוגוסט|ספטמבר|אוקטובר|נובמ"
	  "בר|דצמבר\tינו׳|פבר׳|מרץ|אפר׳|מאי|יוני|יולי|אוג׳|ספט׳|אוק׳|נוב׳|דצ"
	  "מ׳\tיום ראשון|יום שני|יום שלישי|יום רביעי|יום חמישי|יום שישי|יום "
	  "שבת\tיום א׳|יום ב׳|יום ג׳|יום ד׳|יום ה׳|יום ו׳|שבת\tלפנה״צ|אחה״צ\tל"
	  "פנה״ס|לספירה" },
	{ "ja",
	  "1月|2月|3月|4月|5月|6月|7月|8月|9月|10月|11月|12月\t1月|2月|3月|4月|5月|6月|7月|8月|9月|10月|1"
	  "1月|12月\t日曜日|月曜日|火曜日|水曜日|木曜日|金曜日|土曜日\t日|月|火|水|木|金|土\t午"
	  "前|午後\t紀元前|西暦" },
	{ "jgo",
	  "Nduŋmbi Saŋ|Pɛsaŋ Pɛ́pá|Pɛsaŋ Pɛ́tát|Pɛsaŋ Pɛ́nɛ́kwa|Pɛsaŋ Pataa|Pɛsaŋ Pɛ́nɛ́ntúkú|Pɛsa"
	  "ŋ Saambá|Pɛsaŋ Pɛ́nɛ́fɔm|Pɛsaŋ Pɛ́nɛ́pfúꞋú|Pɛsaŋ Nɛgɛ́m|Pɛsaŋ Ntsɔ̌pmɔ́|Pɛsaŋ Ntsɔ"
	  "̌ppá\tNduŋmbi Saŋ|Pɛsaŋ Pɛ́pá|Pɛsaŋ Pɛ́tát|Pɛsaŋ Pɛ́nɛ́kwa|Pɛsaŋ Pataa|Pɛsaŋ Pɛ́nɛ́ntúk"
	  "ú|Pɛsaŋ Saambá|Pɛsaŋ Pɛ́nɛ́fɔm|Pɛsaŋ Pɛ́nɛ́pfúꞋú|Pɛsaŋ Nɛgɛ́m|Pɛsaŋ Ntsɔ̌pmɔ́|Pɛsa"
	  "ŋ Ntsɔ̌ppá\tSɔ́ndi|Mɔ́ndi|Ápta Mɔ́ndi|Wɛ́nɛsɛdɛ|Tɔ́sɛdɛ|Fɛlâyɛdɛ|Sásidɛ\tSɔ́ndi|Mɔ́ndi"
	  "|Ápta Mɔ́ndi|Wɛ́nɛsɛdɛ|Tɔ́sɛdɛ|Fɛlâyɛdɛ|Sásidɛ\tmbaꞌmbaꞌ|ŋka mbɔ́t nji\tBCE|CE" },
	{ "ji",
	  "יאַנואַר|פֿעברואַר|מערץ|אַפּריל|מיי|יוני|יולי|אויגוסט|סעפּטעמב"
	  "ער|אקטאבער|נאוועמבער|דעצעמבער\tיאַנואַר|פֿעברואַר|מערץ|אַפּריל"
	  "|מיי|יוני|יולי|אויגוסט|סעפּטעמבער|אקטאבער|נאוועמבער|דעצעמבער\tז"
	  "ונטיק|מאָנטיק|דינסטיק|מיטוואך|דאנערשטיק|פֿרײַטיק|שבת\tזונטיק|מ"
	  "אָנטיק|דינסטיק|מיטוואך|דאנערשטיק|פֿרײַטיק|שבת\tפֿאַרמיטאָג|נאָ"
	  "כמיטאָג\tBCE|CE" },
	{ "jmc",
	  "Januari|Februari|Machi|Aprilyi|Mei|Junyi|Julyai|Agusti|Septemba|Oktoba|Novemba|Desemba\tJan|Feb|Mac|Apr|Mei|Jun|Jul|"
	  "Ago|Sep|Okt|Nov|Des\tJumapilyi|Jumatatuu|Jumanne|Jumatanu|Alhamisi|Ijumaa|Jumamosi\tJpi|Jtt|Jnn|Jtn|Alh|Iju|Jmo\tutu"
	  "ko|kyiukonyi\tKK|BK" },
	{ "jv",
	  "Januari|Februari|Maret|April|Mei|Juni|Juli|Agustus|September|Oktober|November|Desember\tJan|Feb|Mar|Apr|Mei|Jun|Jul|"
	  "Agt|Sep|Okt|Nov|Des\tAhad|Senin|Selasa|Rabu|Kamis|Jumat|Sabtu\tAhad|Sen|Sel|Rab|Kam|Jum|Sab\tIsuk|Wengi\tSM|M" },
	{ "jw",
	  "Januari|Februari|Maret|April|Mei|Juni|Juli|Agustus|September|Oktober|November|Desember\tJan|Feb|Mar|Apr|Mei|Jun|Jul|"
	  "Agt|Sep|Okt|Nov|Des\tAhad|Senin|Selasa|Rabu|Kamis|Jumat|Sabtu\tAhad|Sen|Sel|Rab|Kam|Jum|Sab\tIsuk|Wengi\tSM|M" },
	{ "ka",
	  "იანვარი|თებერვალი|მარტი|აპრილი|მაისი|ივნის"
	  "ი|ივლისი|აგვისტო|სექტემბერი|ოქტომბერი|ნოემ"
	  "ბერი|დეკემბერი\tიან|თებ|მარ|აპრ|მაი|ივნ|ივლ|ა"
	  "გვ|სექ|ოქტ|ნოე|დეკ\tკვირა|ორშაბათი|სამშაბათი"
	  "|ოთხშაბათი|ხუთშაბათი|პარასკევი|შაბათი\tკვი|"
	  "ორშ|სამ|ოთხ|ხუთ|პარ|შაბ\tAM|PM\tძვ. წ.|ახ. წ." },
	{ "kab",
	  "Yennayer|Fuṛar|Meɣres|Yebrir|Mayyu|Yunyu|Yulyu|Ɣuct|Ctembeṛ|Tubeṛ|Nunembeṛ|Duǧembeṛ\tYen|Fur|Meɣ|Yeb|M"
	  "ay|Yun|Yul|Ɣuc|Cte|Tub|Nun|Duǧ\tYanass|Sanass|Kraḍass|Kuẓass|Samass|Sḍisass|Sayass\tYan|San|Kraḍ|Kuẓ|Sam"
	  "|Sḍis|Say\tn tufat|n tmeddit\tsnd. T.Ɛ|sld. T.Ɛ" },
	{ "kam",
	  "Mwai wa mbee|Mwai wa kelĩ|Mwai wa katatũ|Mwai wa kana|Mwai wa katano|Mwai wa thanthatũ|Mwai wa muonza|Mwai wa nya"
	  "anya|Mwai wa kenda|Mwai wa ĩkumi|Mwai wa ĩkumi na ĩmwe|Mwai wa ĩkumi na ilĩ\tMbe|Kel|Ktũ|Kan|Ktn|Tha|Moo|Nya|K"
	  "nd|Ĩku|Ĩkm|Ĩkl\tWa kyumwa|Wa kwambĩlĩlya|Wa kelĩ|Wa katatũ|Wa kana|Wa katano|Wa thanthatũ\tWky|Wkw|Wkl|Wtũ|"
	  "Wkn|Wtn|Wth\tĨyakwakya|Ĩyawĩoo\tMY|IY" },
	{ "kde",
	  "Mwedi Ntandi|Mwedi wa Pili|Mwedi wa Tatu|Mwedi wa Nchechi|Mwedi wa Nnyano|Mwedi wa Nnyano na Umo|Mwedi wa Nnyano na "
	  "Mivili|Mwedi wa Nnyano na Mitatu|Mwedi wa Nnyano na Nchechi|Mwedi wa Nnyano na Nnyano|Mwedi wa Nnyano na Nnyano na U"
	  "|Mwedi wa Nnyano na Nnyano na M\tJan|Feb|Mac|Apr|Mei|Jun|Jul|Ago|Sep|Okt|Nov|Des\tLiduva lyapili|Liduva lyatatu|Lidu"
	  "va lyanchechi|Liduva lyannyano|Liduva lyannyano na linji|Liduva lyannyano na mavili|Liduva litandi\tLl2|Ll3|Ll4|Ll5|"
	  "Ll6|Ll7|Ll1\tMuhi|Chilo\tAY|NY" },
	{ "kea",
	  "Janeru|Febreru|Marsu|Abril|Maiu|Junhu|Julhu|Agostu|Setenbru|Otubru|Nuvenbru|Dizenbru\tJan|Feb|Mar|Abr|Mai|Jun|Jul|Ag"
	  "o|Set|Otu|Nuv|Diz\tdumingu|sigunda-fera|tersa-fera|kuarta-fera|kinta-fera|sesta-fera|sábadu\tdum|sig|ter|kua|kin|se"
	  "s|sab\tam|pm\tAK|DK" },
	{ "khq",
	  "Žanwiye|Feewiriye|Marsi|Awiril|Me|Žuweŋ|Žuyye|Ut|Sektanbur|Oktoobur|Noowanbur|Deesanbur\tŽan|Fee|Mar|Awi|Me|Žu"
	  "w|Žuy|Ut|Sek|Okt|Noo|Dee\tAlhadi|Atini|Atalata|Alarba|Alhamiisa|Aljuma|Assabdu\tAlh|Ati|Ata|Ala|Alm|Alj|Ass\tAdduha"
	  "|Aluula\tIJ|IZ" },
	{ "ki",
	  "Njenuarĩ|Mwere wa kerĩ|Mwere wa gatatũ|Mwere wa kana|Mwere wa gatano|Mwere wa gatandatũ|Mwere wa mũgwanja|Mwere"
	  " wa kanana|Mwere wa kenda|Mwere wa ikũmi|Mwere wa ikũmi na ũmwe|Ndithemba\tJEN|WKR|WGT|WKN|WTN|WTD|WMJ|WNN|WKD|WI"
	  "K|WMW|DIT\tKiumia|Njumatatũ|Njumaine|Njumatana|Aramithi|Njumaa|Njumamothi\tKMA|NTT|NMN|NMT|ART|NMA|NMM\tKiroko|Hwa"
	  "ĩ-inĩ\tMK|TK" },
	{ "kk",
	  "қаңтар|ақпан|наурыз|сәуір|мамыр|маусым|шілде|тамыз|қыркүйек|қа"
	  "зан|қараша|желтоқсан\tқаң.|ақп.|нау.|сәу.|мам.|мау.|шіл.|там.|қыр.|қа"
	  "з.|қар.|жел.\tжексенбі|дүйсенбі|сейсенбі|сәрсенбі|бейсенбі|жұма|"
	  "сенбі\tжс|дс|сс|ср|бс|жм|сб\tAM|PM\tб.з.д.|б.з." },
	{ "kkj",
	  "pamba|wanja|mbiyɔ mɛndoŋgɔ|Nyɔlɔmbɔŋgɔ|Mɔnɔ ŋgbanja|Nyaŋgwɛ ŋgbanja|kuŋgwɛ|fɛ|njapi|nyukul|M11|ɓu"
	  "lɓusɛ\tpamba|wanja|mbiyɔ mɛndoŋgɔ|Nyɔlɔmbɔŋgɔ|Mɔnɔ ŋgbanja|Nyaŋgwɛ ŋgbanja|kuŋgwɛ|fɛ|njapi|nyuku"
	  "l|M11|ɓulɓusɛ\tsɔndi|lundi|mardi|mɛrkɛrɛdi|yedi|vaŋdɛrɛdi|mɔnɔ sɔndi\tsɔndi|lundi|mardi|mɛrkɛrɛdi|y"
	  "edi|vaŋdɛrɛdi|mɔnɔ sɔndi\tAM|PM\tBCE|CE" },
	{ "kl",
	  "januaarip|februaarip|marsip|apriilip|maajip|juunip|juulip|aggustip|septembarip|oktobarip|novembarip|decembarip\tjan|"
	  "febr|mar|apr|maj|jun|jul|aug|sept|okt|nov|dec\tsapaat|ataasinngorneq|marlunngorneq|pingasunngorneq|sisamanngorneq|ta"
	  "llimanngorneq|arfininngorneq\tsap|ata|mar|pin|sis|tal|arf\tAM|PM\tBCE|CE" },
	{ "kln",
	  "Mulgul|Ng’atyaato|Kiptaamo|Iwootkuut|Mamuut|Paagi|Ng’eiyeet|Rooptui|Bureet|Epeeso|Kipsuunde ne taai|Kipsuunde ne"
	  "bo aeng’\tMul|Ngat|Taa|Iwo|Mam|Paa|Nge|Roo|Bur|Epe|Kpt|Kpa\tKotisap|Kotaai|Koaeng’|Kosomok|Koang’wan|Komuut|Ko"
	  "lo\tKts|Kot|Koo|Kos|Koa|Kom|Kol\tkaroon|kooskoliny\tAM|KO" },
	{ "km",
	  "មករា|កុម្ភៈ|មីនា|មេសា|ឧសភា|មិថុនា|កក្កដា|សី"
	  "ហា|កញ្ញា|តុលា|វិច្ឆិកា|ធ្នូ\tមករា|កុម្ភៈ|មីន"
	  "ា|មេសា|ឧសភា|មិថុនា|កក្កដា|សីហា|កញ្ញា|តុលា|វិ"
	  "ច្ឆិកា|ធ្នូ\tអាទិត្យ|ច័ន្ទ|អង្គារ|ពុធ|ព្រហស"
	  "្បតិ៍|សុក្រ|សៅរ៍\tអាទិត្យ|ចន្ទ|អង្គារ|ពុធ|ព្"
	  "រហ|សុក្រ|សៅរ៍\tAM|PM\tមុន គ.ស.|គ.ស." },
	{ "kn",
	  "ಜನವರಿ|ಫೆಬ್ರವರಿ|ಮಾರ್ಚ್|ಏಪ್ರಿಲ್|ಮೇ|ಜೂನ್|ಜುಲೈ|"
	  "ಆಗಸ್ಟ್|ಸೆಪ್ಟೆಂಬರ್|ಅಕ್ಟೋಬರ್|ನವೆಂಬರ್|ಡಿಸೆಂಬ"
	  "ರ್\tಜನವರಿ|ಫೆಬ್ರವರಿ|ಮಾರ್ಚ್|ಏಪ್ರಿ|ಮೇ|ಜೂನ್|ಜುಲೈ"
	  "|ಆಗ|ಸೆಪ್ಟೆಂ|ಅಕ್ಟೋ|ನವೆಂ|ಡಿಸೆಂ\tಭಾನುವಾರ|ಸೋಮವಾರ"
	  "|ಮಂಗಳವಾರ|ಬುಧವಾರ|ಗುರುವಾರ|ಶುಕ್ರವಾರ|ಶನಿವಾರ\tಭಾ"
	  "ನು|ಸೋಮ|ಮಂಗಳ|ಬುಧ|ಗುರು|ಶುಕ್ರ|ಶನಿ\tಪೂರ್ವಾಹ್ನ|ಅಪ"
	  "ರಾಹ್ನ\tಕ್ರಿ.ಪೂ|ಕ್ರಿ.ಶ" },
	{ "ko",
	  "1월|2월|3월|4월|5월|6월|7월|8월|9월|10월|11월|12월\t1월|2월|3월|4월|5월|6월|7월|8월|9월|10월|1"
	  "1월|12월\t일요일|월요일|화요일|수요일|목요일|금요일|토요일\t일|월|화|수|목|금|토\t오"
	  "전|오후\tBC|AD" },
	{ "kok",
	  "जानेवारी|फेब्रुवारी|मार्च|एप्रील|मे|जून|जु"
	  "लय|ऑगस्ट|सप्टेंबर|ऑक्टोबर|नोव्हेंबर|डिसेंब"
	  "र\tजानेवारी|फेब्रुवारी|मार्च|एप्रील|मे|जून|ज"
	  "ुलय|ऑगस्ट|सप्टेंबर|ऑक्टोबर|नोव्हेंबर|डिसें"
	  "बर\tआयतार|सोमार|मंगळार|बुधवार|बिरेस्तार|शुक"
	  "्रार|शेनवार\tआयतार|सोमार|मंगळार|बुधवार|बिरे"
	  "स्तार|शुक्रार|शेनवार\tAM|PM\tक्रिस्तपूर्व|क्रि"
	  "स्तशखा" },
	{ "ks",
	  "جنؤری|فرؤری|مارٕچ|اپریل|میٔ|جوٗن|جوٗلایی|اگست|ستمبر|اکتوٗبر|نوم"
	  "بر|دسمبر\tجنؤری|فرؤری|مارٕچ|اپریل|میٔ|جوٗن|جوٗلایی|اگست|ستمبر|اک"
	  "توٗبر|نومبر|دسمبر\tاَتھوار|ژٔندرٕروار|بۆموار|بودوار|برؠسوار|جُ"
	  "مہ|بٹوار\tآتھوار|ژٔندٕروار|بۆموار|بودوار|برؠسوار|جُمہ|بٹوار\tAM|PM"
	  "\tبی سی|اے ڈی" },
	{ "ksb",
	  "Januali|Febluali|Machi|Aplili|Mei|Juni|Julai|Agosti|Septemba|Oktoba|Novemba|Desemba\tJan|Feb|Mac|Apr|Mei|Jun|Jul|Ago"
	  "|Sep|Okt|Nov|Des\tJumaapii|Jumaatatu|Jumaane|Jumaatano|Alhamisi|Ijumaa|Jumaamosi\tJpi|Jtt|Jmn|Jtn|Alh|Iju|Jmo\tmakeo"
	  "|nyiaghuo\tKK|BK" },
	{ "ksf",
	  "ŋwíí a ntɔ́ntɔ|ŋwíí akǝ bɛ́ɛ|ŋwíí akǝ ráá|ŋwíí akǝ nin|ŋwíí akǝ táan|ŋwíí akǝ táaf"
	  "ɔk|ŋwíí akǝ táabɛɛ|ŋwíí akǝ táaraa|ŋwíí akǝ táanin|ŋwíí akǝ ntɛk|ŋwíí akǝ ntɛk di bɔ́k"
	  "|ŋwíí akǝ ntɛk di bɛ́ɛ\tŋ1|ŋ2|ŋ3|ŋ4|ŋ5|ŋ6|ŋ7|ŋ8|ŋ9|ŋ10|ŋ11|ŋ12\tsɔ́ndǝ|lǝndí|maadí|mɛkrɛ"
	  "dí|jǝǝdí|júmbá|samdí\tsɔ́n|lǝn|maa|mɛk|jǝǝ|júm|sam\tsárúwá|cɛɛ́nko\td.Y.|k.Y." },
	{ "ksh",
	  "Jannewa|Fäbrowa|Määz|Aprell|Mai|Juuni|Juuli|Oujoß|Septämber|Oktohber|Novämber|Dezämber\tJan|Fäb|Mäz|Apr|Mai"
	  "|Jun|Jul|Ouj|Säp|Okt|Nov|Dez\tSunndaach|Mohndaach|Dinnsdaach|Metwoch|Dunnersdaach|Friidaach|Samsdaach\tSu.|Mo.|Di.|"
	  "Me.|Du.|Fr.|Sa.\tUhr vörmiddaachs|Uhr nommendaachs\tv. Chr.|n. Chr." },
	{ "ku",
	  "rêbendanê|reşemiyê|adarê|avrêlê|gulanê|pûşperê|tîrmehê|gelawêjê|rezberê|kewçêrê|sermawezê|berfan"
	  "barê\trêb|reş|ada|avr|gul|pûş|tîr|gel|rez|kew|ser|ber\tyekşem|duşem|sêşem|çarşem|pêncşem|în|şemî\ty"
	  "ş|dş|sş|çş|pş|în|ş\tBN|PN\tBZ|PZ" },
	{ "kw",
	  "mis Genver|mis Hwevrer|mis Meurth|mis Ebrel|mis Me|mis Metheven|mis Gortheren|mis Est|mis Gwynngala|mis Hedra|mis Du"
	  "|mis Kevardhu\tGen|Hwe|Meu|Ebr|Me|Met|Gor|Est|Gwn|Hed|Du|Kev\tdy Sul|dy Lun|dy Meurth|dy Merher|dy Yow|dy Gwener|dy "
	  "Sadorn\tSul|Lun|Mth|Mhr|Yow|Gwe|Sad\ta.m.|p.m.\tRC|AD" },
	{ "ky",
	  "январь|февраль|март|апрель|май|июнь|июль|август|сентябрь|октяб"
	  "рь|ноябрь|декабрь\tянв.|фев.|мар.|апр.|май|июн.|июл.|авг.|сен.|окт.|н"
	  "оя.|дек.\tжекшемби|дүйшөмбү|шейшемби|шаршемби|бейшемби|жума|ише"
	  "мби\tжек.|дүй.|шейш.|шарш.|бейш.|жума|ишм.\tтаңкы|түштөн кийинки\tб."
	  "з.ч.|б.з." },
	{ "lag",
	  "Kʉfúngatɨ|Kʉnaanɨ|Kʉkeenda|Kwiikumi|Kwiinyambála|Kwiidwaata|Kʉmʉʉnchɨ|Kʉvɨɨrɨ|Kʉsaatʉ|Kwiinyi|Kʉsa"
	  "ano|Kʉsasatʉ\tFúngatɨ|Naanɨ|Keenda|Ikúmi|Inyambala|Idwaata|Mʉʉnchɨ|Vɨɨrɨ|Saatʉ|Inyi|Saano|Sasatʉ\tJuma"
	  "píiri|Jumatátu|Jumaíne|Jumatáano|Alamíisi|Ijumáa|Jumamóosi\tPíili|Táatu|Íne|Táano|Alh|Ijm|Móosi\tTOO|MUU"
	  "\tKSA|KA" },
	{ "lb",
	  "Januar|Februar|Mäerz|Abrëll|Mee|Juni|Juli|August|September|Oktober|November|Dezember\tJan.|Feb.|Mäe.|Abr.|Mee|Jun"
	  "i|Juli|Aug.|Sep.|Okt.|Nov.|Dez.\tSonndeg|Méindeg|Dënschdeg|Mëttwoch|Donneschdeg|Freideg|Samschdeg\tSon.|Méi.|Dë"
	  "n.|Mët.|Don.|Fre.|Sam.\tmoies|nomëttes\tv. Chr.|n. Chr." },
	{ "lg",
	  "Janwaliyo|Febwaliyo|Marisi|Apuli|Maayi|Juuni|Julaayi|Agusito|Sebuttemba|Okitobba|Novemba|Desemba\tJan|Feb|Mar|Apu|Ma"
	  "a|Juu|Jul|Agu|Seb|Oki|Nov|Des\tSabbiiti|Balaza|Lwakubiri|Lwakusatu|Lwakuna|Lwakutaano|Lwamukaaga\tSab|Bal|Lw2|Lw3|Lw"
	  "4|Lw5|Lw6\tAM|PM\tBC|AD" },
	{ "lkt",
	  "Wiótheȟika Wí|Thiyóȟeyuŋka Wí|Ištáwičhayazaŋ Wí|Pȟežítȟo Wí|Čhaŋwápetȟo Wí|Wípazukȟa-wašté"
	  " Wí|Čhaŋpȟásapa Wí|Wasútȟuŋ Wí|Čhaŋwápeǧi Wí|Čhaŋwápe-kasná Wí|Waníyetu Wí|Tȟahékapšuŋ Wí"
	  "\tWiótheȟika Wí|Thiyóȟeyuŋka Wí|Ištáwičhayazaŋ Wí|Pȟežítȟo Wí|Čhaŋwápetȟo Wí|Wípazukȟa-wašt"
	  "é Wí|Čhaŋpȟásapa Wí|Wasútȟuŋ Wí|Čhaŋwápeǧi Wí|Čhaŋwápe-kasná Wí|Waníyetu Wí|Tȟahékapšuŋ W"
	  "í\tAŋpétuwakȟaŋ|Aŋpétuwaŋži|Aŋpétunuŋpa|Aŋpétuyamni|Aŋpétutopa|Aŋpétuzaptaŋ|Owáŋgyužažapi\tA"
	  "ŋpétuwakȟaŋ|Aŋpétuwaŋži|Aŋpétunuŋpa|Aŋpétuyamni|Aŋpétutopa|Aŋpétuzaptaŋ|Owáŋgyužažapi\tAM|PM\t"
	  "BCE|CE" },
	{ "ln",
	  "sánzá ya yambo|sánzá ya míbalé|sánzá ya mísáto|sánzá ya mínei|sánzá ya mítáno|sánzá ya motóbá|s"
	  "ánzá ya nsambo|sánzá ya mwambe|sánzá ya libwa|sánzá ya zómi|sánzá ya zómi na mɔ̌kɔ́|sánzá ya zómi"
	  " na míbalé\tyan|fbl|msi|apl|mai|yun|yul|agt|stb|ɔtb|nvb|dsb\teyenga|mokɔlɔ mwa yambo|mokɔlɔ mwa míbalé|mok"
	  "ɔlɔ mwa mísáto|mokɔlɔ ya mínéi|mokɔlɔ ya mítáno|mpɔ́sɔ\teye|ybo|mbl|mst|min|mtn|mps\tntɔ́ngɔ́|mp"
	  "ókwa\tlibóso ya|nsima ya Y" },
	{ "lo",
	  "ມັງກອນ|ກຸມພາ|ມີນາ|ເມສາ|ພຶດສະພາ|ມິຖຸນາ|ກໍລະ"
	  "ກົດ|ສິງຫາ|ກັນຍາ|ຕຸລາ|ພະຈິກ|ທັນວາ\tມ.ກ.|ກ.ພ.|ມ.ນ.|"
	  "ມ.ສ.|ພ.ພ.|ມິ.ຖ.|ກ.ລ.|ສ.ຫ.|ກ.ຍ.|ຕ.ລ.|ພ.ຈ.|ທ.ວ.\tວັນອາທິດ|ວັ"
	  "ນຈັນ|ວັນອັງຄານ|ວັນພຸດ|ວັນພະຫັດ|ວັນສຸກ|ວັນເ"
	  "ສົາ\tອາທິດ|ຈັນ|ອັງຄານ|ພຸດ|ພະຫັດ|ສຸກ|ເສົາ\tກ່ອ"
	  "ນທ່ຽງ|ຫຼັງທ່ຽງ\tກ່ອນ ຄ.ສ.|ຄ.ສ." },
	{ "lrc",
	  "جانڤیە|فئڤریە|مارس|آڤریل|مئی|جوٙأن|جوٙلا|آگوست|سئپتامر|ئوکتوڤر|"
	  "نوڤامر|دئسامر\tجانڤیە|فئڤریە|مارس|آڤریل|مئی|جوٙأن|جوٙلا|آگوست|س"
	  "ئپتامر|ئوکتوڤر|نوڤامر|دئسامر\tSun|Mon|Tue|Wed|Thu|Fri|Sat\tSun|Mon|Tue|Wed|Thu|Fri|Sat\tAM|"
	  "PM\tBCE|CE" },
};
const size_t joda_names_1_n = ARRAY_LEN(joda_names_1);
