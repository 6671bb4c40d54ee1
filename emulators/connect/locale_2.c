/* What Java 17 calls months, days of the week, halves of the day and eras, by language (Unicode CLDR 39, DateFormatSymbols of new
 * Locale(language)); generated. Each row: months, short months, days from Sunday, short days, halves of the day, eras. */
#include "connect/joda.h"

const struct joda_names joda_names_2[] = {
	{ "lt",
	  "sausio|vasario|kovo|balandžio|gegužės|birželio|liepos|rugpjūčio|rugsėjo|spalio|lapkričio|gruodžio\tsaus.|va"
	  "s.|kov.|bal.|geg.|birž.|liep.|rugp.|rugs.|spal.|lapkr.|gruod.\tsekmadienis|pirmadienis|antradienis|trečiadienis|ke"
	  "tvirtadienis|penktadienis|šeštadienis\tsk|pr|an|tr|kt|pn|št\tpriešpiet|popiet\tpr. Kr.|po Kr." },
	{ "lu",
	  "Ciongo|Lùishi|Lusòlo|Mùuyà|Lumùngùlù|Lufuimi|Kabàlàshìpù|Lùshìkà|Lutongolo|Lungùdi|Kaswèkèsè|Cisw"
	  "à\tCio|Lui|Lus|Muu|Lum|Luf|Kab|Lush|Lut|Lun|Kas|Cis\tLumingu|Nkodya|Ndàayà|Ndangù|Njòwa|Ngòvya|Lubingu\tLum|Nk"
	  "o|Ndy|Ndg|Njw|Ngv|Lub\tDinda|Dilolo\tkmp. Y.K.|kny. Y. K." },
	{ "luo",
	  "Dwe mar Achiel|Dwe mar Ariyo|Dwe mar Adek|Dwe mar Ang’wen|Dwe mar Abich|Dwe mar Auchiel|Dwe mar Abiriyo|Dwe mar Ab"
	  "oro|Dwe mar Ochiko|Dwe mar Apar|Dwe mar gi achiel|Dwe mar Apar gi ariyo\tDAC|DAR|DAD|DAN|DAH|DAU|DAO|DAB|DOC|DAP|DGI"
	  "|DAG\tJumapil|Wuok Tich|Tich Ariyo|Tich Adek|Tich Ang’wen|Tich Abich|Ngeso\tJMP|WUT|TAR|TAD|TAN|TAB|NGS\tOD|OT\tBC"
	  "|AD" },
	{ "luy",
	  "Januari|Februari|Machi|Aprili|Mei|Juni|Julai|Agosti|Septemba|Oktoba|Novemba|Desemba\tJan|Feb|Mar|Apr|Mei|Jun|Jul|Ago"
	  "|Sep|Okt|Nov|Des\tJumapiri|Jumatatu|Jumanne|Jumatano|Murwa wa Kanne|Murwa wa Katano|Jumamosi\tJ2|J3|J4|J5|Al|Ij|J1\t"
	  "a.m.|p.m.\tBC|AD" },
	{ "lv",
	  "janvāris|februāris|marts|aprīlis|maijs|jūnijs|jūlijs|augusts|septembris|oktobris|novembris|decembris\tjanv.|feb"
	  "r.|marts|apr.|maijs|jūn.|jūl.|aug.|sept.|okt.|nov.|dec.\tsvētdiena|pirmdiena|otrdiena|trešdiena|ceturtdiena|piek"
	  "tdiena|sestdiena\tsvētd.|pirmd.|otrd.|trešd.|ceturtd.|piektd.|sestd.\tpriekšpusdienā|pēcpusdienā\tp.m.ē.|m.ē"
	  "." },
	{ "mai",
	  "जनवरी|फ़रवरी|मार्च|अप्रैल|मई|जून|जुलाई|अगस्"
	  "त|सितंबर|अक्तूबर|नवंबर|दिसंबर\tजन॰|फ़र॰|मार्"
	  "च|अप्रैल|मई|जून|जुल॰|अग॰|सित॰|अक्तू॰|नव॰|दिस"
	  "॰\tरविवार|सोमवार|मंगलवार|बुधवार|गुरुवार|शुक"
	  "्रवार|शनिवार\tरवि|सोम|मंगल|बुध|गुरु|शुक्र|शन"
	  "ि\tam|pm\tईसा-पूर्व|ईस्वी" },
	{ "mas",
	  "Oladalʉ́|Arát|Ɔɛnɨ́ɔɨŋɔk|Olodoyíóríê inkókúâ|Oloilépūnyīē inkókúâ|Kújúɔrɔk|Mórusásin|"
	  "Ɔlɔ́ɨ́bɔ́rárɛ|Kúshîn|Olgísan|Pʉshʉ́ka|Ntʉ́ŋʉ́s\tDal|Ará|Ɔɛn|Doy|Lép|Rok|Sás|Bɔ́r|Kús|Gí"
	  "s|Shʉ́|Ntʉ́\tJumapílí|Jumatátu|Jumane|Jumatánɔ|Alaámisi|Jumáa|Jumamósi\tJpi|Jtt|Jnn|Jtn|Alh|Iju|Jmo\tƐn"
	  "kakɛnyá|Ɛndámâ\tMY|EY" },
	{ "mer",
	  "Januarĩ|Feburuarĩ|Machi|Ĩpurũ|Mĩĩ|Njuni|Njuraĩ|Agasti|Septemba|Oktũba|Novemba|Dicemba\tJAN|FEB|MAC|ĨPU|MĨ"
	  "Ĩ|NJU|NJR|AGA|SPT|OKT|NOV|DEC\tKiumia|Muramuko|Wairi|Wethatu|Wena|Wetano|Jumamosi\tKIU|MRA|WAI|WET|WEN|WTN|JUM\tRŨ"
	  "|ŨG\tMK|NK" },
	{ "mfe",
	  "zanvie|fevriye|mars|avril|me|zin|zilye|out|septam|oktob|novam|desam\tzan|fev|mar|avr|me|zin|zil|out|sep|okt|nov|des"
	  "\tdimans|lindi|mardi|merkredi|zedi|vandredi|samdi\tdim|lin|mar|mer|ze|van|sam\tAM|PM\tav. Z-K|ap. Z-K" },
	{ "mg",
	  "Janoary|Febroary|Martsa|Aprily|Mey|Jona|Jolay|Aogositra|Septambra|Oktobra|Novambra|Desambra\tJan|Feb|Mar|Apr|Mey|Jon"
	  "|Jol|Aog|Sep|Okt|Nov|Des\tAlahady|Alatsinainy|Talata|Alarobia|Alakamisy|Zoma|Asabotsy\tAlah|Alats|Tal|Alar|Alak|Zom|"
	  "Asab\tAM|PM\tBC|AD" },
	{ "mgh",
	  "Mweri wo kwanza|Mweri wo unayeli|Mweri wo uneraru|Mweri wo unecheshe|Mweri wo unethanu|Mweri wo thanu na mocha|Mweri"
	  " wo saba|Mweri wo nane|Mweri wo tisa|Mweri wo kumi|Mweri wo kumi na moja|Mweri wo kumi na yel’li\tKwa|Una|Rar|Che|"
	  "Tha|Moc|Sab|Nan|Tis|Kum|Moj|Yel\tSabato|Jumatatu|Jumanne|Jumatano|Arahamisi|Ijumaa|Jumamosi\tSab|Jtt|Jnn|Jtn|Ara|Iju"
	  "|Jmo\twichishu|mchochil’l\tHY|YY" },
	{ "mgo",
	  "iməg mbegtug|imeg àbùbì|imeg mbəŋchubi|iməg ngwə̀t|iməg fog|iməg ichiibɔd|iməg àdùmbə̀ŋ|iməg ichi"
	  "ka|iməg kud|iməg tèsiʼe|iməg zò|iməg krizmed\tmbegtug|imeg àbùbì|imeg mbəŋchubi|iməg ngwə̀t|iməg fog"
	  "|iməg ichiibɔd|iməg àdùmbə̀ŋ|iməg ichika|iməg kud|iməg tèsiʼe|iməg zò|iməg krizmed\tAneg 1|Aneg 2|An"
	  "eg 3|Aneg 4|Aneg 5|Aneg 6|Aneg 7\tAneg 1|Aneg 2|Aneg 3|Aneg 4|Aneg 5|Aneg 6|Aneg 7\tAM|PM\tBCE|CE" },
	{ "mi",
	  "Kohitātea|Huitanguru|Poutūterangi|Paengawhāwhā|Haratua|Pipiri|Hōngongoi|Hereturikōkā|Mahuru|Whiringa-ā-nuku|"
	  "Whiringa-ā-rangi|Hakihea\tKohi|Hui|Pou|Pae|Hara|Pipi|Hōngo|Here|Mahu|Nuku|Rangi|Haki\tRātapu|Rāhina|Rātū|Rāap"
	  "a|Rāpare|Rāmere|Rāhoroi\tTap|Hin|Tū|Apa|Par|Mer|Hor\tAM|PM\tBCE|CE" },
	{ "mk",
	  "јануари|февруари|март|април|мај|јуни|јули|август|септември|окт"
	  "омври|ноември|декември\tјан.|фев.|мар.|апр.|мај|јун.|јул.|авг.|септ."
	  "|окт.|ноем.|дек.\tнедела|понеделник|вторник|среда|четврток|петок|"
	  "сабота\tнед.|пон.|вт.|сре.|чет.|пет.|саб.\tпретпладне|попладне\tп.н.е"
	  ".|н.е." },
	{ "ml",
	  "ജനുവരി|ഫെബ്രുവരി|മാർച്ച്|ഏപ്രിൽ|മേയ്|ജൂൺ|ജ"
	  "ൂലൈ|ഓഗസ്റ്റ്|സെപ്റ്റംബർ|ഒക്‌ടോബർ|നവംബർ|ഡിസ"
	  "ംബർ\tജനു|ഫെബ്രു|മാർ|ഏപ്രി|മേയ്|ജൂൺ|ജൂലൈ|ഓഗ|സെ"
	  "പ്റ്റം|ഒക്ടോ|നവം|ഡിസം\tഞായറാഴ്‌ച|തിങ്കളാഴ്"
	  "‌ച|ചൊവ്വാഴ്ച|ബുധനാഴ്‌ച|വ്യാഴാഴ്‌ച|വെള്ളിയ"
	  "ാഴ്‌ച|ശനിയാഴ്‌ച\tഞായർ|തിങ്കൾ|ചൊവ്വ|ബുധൻ|വ്യ"
	  "ാഴം|വെള്ളി|ശനി\tAM|PM\tക്രി.മു.|എഡി" },
	{ "mn",
	  "нэгдүгээр сар|хоёрдугаар сар|гуравдугаар сар|дөрөвдүгээр сар|т"
	  "авдугаар сар|зургаадугаар сар|долоодугаар сар|наймдугаар сар|е"
	  "сдүгээр сар|аравдугаар сар|арван нэгдүгээр сар|арван хоёрдугаа"
	  "р сар\t1-р сар|2-р сар|3-р сар|4-р сар|5-р сар|6-р сар|7-р сар|8-р сар|9-р са"
	  "р|10-р сар|11-р сар|12-р сар\tням|даваа|мягмар|лхагва|пүрэв|баасан|бя"
	  "мба\tНя|Да|Мя|Лх|Пү|Ба|Бя\tү.ө.|ү.х.\tМЭӨ|МЭ" },
	{ "mni",
	  "জানুৱারি|ফেব্রুৱারি|মার্চ|এপ্রিল|মে|জুন|জু"
	  "লাই|আগস্ট|সেপ্টেম্বর|ওক্টোবর|নভেম্বর|ডিসেম"
	  "্বর\tজানুৱারি|ফেব্রুৱারি|মার্চ|এপ্রিল|মে|জু"
	  "ন|জুলাই|আগস্ট|সেপ্টেম্বর|ওক্টোবর|নভেম্বর|ড"
	  "িসেম্বর\tনোংমাইজিং|নিংথৌকাবা|লৈবাকপোকপা|য়"
	  "ুমশকৈশা|শগোলশেন|ইরাই|থাংজ\tনোংমাইজিং|নিংথৌ"
	  "কাবা|লৈবাকপোকপা|য়ুমশকৈশা|শগোলশেন|ইরাই|থাং"
	  "জ\tএ এম|পি এম\tখৃ: মমাং|খৃ: মতুং" },
	{ "mo",
	  "ianuarie|februarie|martie|aprilie|mai|iunie|iulie|august|septembrie|octombrie|noiembrie|decembrie\tian.|feb.|mar.|ap"
	  "r.|mai|iun.|iul.|aug.|sept.|oct.|nov.|dec.\tduminică|luni|marți|miercuri|joi|vineri|sâmbătă\tdum.|lun.|mar.|mie"
	  ".|joi|vin.|sâm.\ta.m.|p.m.\tî.Hr.|d.Hr." },
	{ "mr",
	  "जानेवारी|फेब्रुवारी|मार्च|एप्रिल|मे|जून|जु"
	  "लै|ऑगस्ट|सप्टेंबर|ऑक्टोबर|नोव्हेंबर|डिसेंब"
	  "र\tजाने|फेब्रु|मार्च|एप्रि|मे|जून|जुलै|ऑग|सप्"
	  "टें|ऑक्टो|नोव्हें|डिसें\tरविवार|सोमवार|मंगळ"
	  "वार|बुधवार|गुरुवार|शुक्रवार|शनिवार\tरवि|सोम|"
	  "मंगळ|बुध|गुरु|शुक्र|शनि\tAM|PM\tइ. स. पू.|इ. स." },
	{ "ms",
	  "Januari|Februari|Mac|April|Mei|Jun|Julai|Ogos|September|Oktober|November|Disember\tJan|Feb|Mac|Apr|Mei|Jun|Jul|Ogo|S"
	  "ep|Okt|Nov|Dis\tAhad|Isnin|Selasa|Rabu|Khamis|Jumaat|Sabtu\tAhd|Isn|Sel|Rab|Kha|Jum|Sab\tPG|PTG\tS.M.|TM" },
	{ "mt",
	  "Jannar|Frar|Marzu|April|Mejju|Ġunju|Lulju|Awwissu|Settembru|Ottubru|Novembru|Diċembru\tJan|Fra|Mar|Apr|Mej|Ġun|Lu"
	  "l|Aww|Set|Ott|Nov|Diċ\tIl-Ħadd|It-Tnejn|It-Tlieta|L-Erbgħa|Il-Ħamis|Il-Ġimgħa|Is-Sibt\tĦad|Tne|Tli|Erb|Ħam|"
	  "Ġim|Sib\tAM|PM\tQK|WK" },
	{ "mua",
	  "Fĩi Loo|Cokcwaklaŋne|Cokcwaklii|Fĩi Marfoo|Madǝǝuutǝbijaŋ|Mamǝŋgwãafahbii|Mamǝŋgwãalii|Madǝmbii|Fĩi D"
	  "ǝɓlii|Fĩi Mundaŋ|Fĩi Gwahlle|Fĩi Yuru\tFLO|CLA|CKI|FMF|MAD|MBI|MLI|MAM|FDE|FMU|FGW|FYU\tCom’yakke|Comlaaɗii"
	  "|Comzyiiɗii|Comkolle|Comkaldǝɓlii|Comgaisuu|Comzyeɓsuu\tCya|Cla|Czi|Cko|Cka|Cga|Cze\tcomme|lilli\tKK|PK" },
	{ "my",
	  "ဇန်နဝါရီ|ဖေဖော်ဝါရီ|မတ်|ဧပြီ|မေ|ဇွန်|ဇူလို"
	  "င်|ဩဂုတ်|စက်တင်ဘာ|အောက်တိုဘာ|နိုဝင်ဘာ|ဒီဇင"
	  "်ဘာ\tဇန်|ဖေ|မတ်|ဧ|မေ|ဇွန်|ဇူ|ဩ|စက်|အောက်|နို|ဒီ"
	  "\tတနင်္ဂနွေ|တနင်္လာ|အင်္ဂါ|ဗုဒ္ဓဟူး|ကြာသပတ"
	  "ေး|သောကြာ|စနေ\tတနင်္ဂနွေ|တနင်္လာ|အင်္ဂါ|ဗုဒ"
	  "္ဓဟူး|ကြာသပတေး|သောကြာ|စနေ\tနံနက်|ညနေ\tဘီစီ|အ"
	  "ဒေီ" },
	{ "mzn",
	  "ژانویه|فوریه|مارس|آوریل|مه|ژوئن|ژوئیه|اوت|سپتامبر|اکتبر|نوامبر|"
	  "دسامبر\tژانویه|فوریه|مارس|آوریل|مه|ژوئن|ژوئیه|اوت|سپتامبر|اکتبر|"
	  "نوامبر|دسامبر\tSun|Mon|Tue|Wed|Thu|Fri|Sat\tSun|Mon|Tue|Wed|Thu|Fri|Sat\tAM|PM\tپ.م|م." },
	{ "naq",
	  "ǃKhanni|ǃKhanǀgôab|ǀKhuuǁkhâb|ǃHôaǂkhaib|ǃKhaitsâb|Gamaǀaeb|ǂKhoesaob|Aoǁkhuumûǁkhâb|Taraǀkhuumû"
	  "ǁkhâb|ǂNûǁnâiseb|ǀHooǂgaeb|Hôasoreǁkhâb\tJan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec\tSontaxtsees|Man"
	  "taxtsees|Denstaxtsees|Wunstaxtsees|Dondertaxtsees|Fraitaxtsees|Satertaxtsees\tSon|Ma|De|Wu|Do|Fr|Sat\tǁgoagas|ǃuia"
	  "s\tBC|AD" },
	{ "nb",
	  "januar|februar|mars|april|mai|juni|juli|august|september|oktober|november|desember\tjan.|feb.|mar.|apr.|mai|jun.|jul"
	  ".|aug.|sep.|okt.|nov.|des.\tsøndag|mandag|tirsdag|onsdag|torsdag|fredag|lørdag\tsøn.|man.|tir.|ons.|tor.|fre.|lø"
	  "r.\ta.m.|p.m.\tf.Kr.|e.Kr." },
	{ "nd",
	  "Zibandlela|Nhlolanja|Mbimbitho|Mabasa|Nkwenkwezi|Nhlangula|Ntulikazi|Ncwabakazi|Mpandula|Mfumfu|Lwezi|Mpalakazi\tZib"
	  "|Nhlo|Mbi|Mab|Nkw|Nhla|Ntu|Ncw|Mpan|Mfu|Lwe|Mpal\tSonto|Mvulo|Sibili|Sithathu|Sine|Sihlanu|Mgqibelo\tSon|Mvu|Sib|Sit"
	  "|Sin|Sih|Mgq\tAM|PM\tBC|AD" },
	{ "ne",
	  "जनवरी|फेब्रुअरी|मार्च|अप्रिल|मे|जुन|जुलाई|अ"
	  "गस्ट|सेप्टेम्बर|अक्टोबर|नोभेम्बर|डिसेम्बर"
	  "\tजनवरी|फेब्रुअरी|मार्च|अप्रिल|मे|जुन|जुलाई|"
	  "अगस्ट|सेप्टेम्बर|अक्टोबर|नोभेम्बर|डिसेम्ब"
	  "र\tआइतबार|सोमबार|मङ्गलबार|बुधबार|बिहिबार|शु"
	  "क्रबार|शनिबार\tआइत|सोम|मङ्गल|बुध|बिहि|शुक्र|"
	  "शनि\tपूर्वाह्न|अपराह्न\tईसा पूर्व|सन्" },
	{ "nl",
	  "januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december\tjan.|feb.|mrt.|apr.|mei|jun"
	  ".|jul.|aug.|sep.|okt.|nov.|dec.\tzondag|maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag\tzo|ma|di|wo|do|vr|za\ta"
	  ".m.|p.m.\tv.Chr.|n.Chr." },
	{ "nmg",
	  "ngwɛn matáhra|ngwɛn ńmba|ngwɛn ńlal|ngwɛn ńna|ngwɛn ńtan|ngwɛn ńtuó|ngwɛn hɛmbuɛrí|ngwɛn lɔmbi|ng"
	  "wɛn rɛbvuâ|ngwɛn wum|ngwɛn wum navǔr|krísimin\tng1|ng2|ng3|ng4|ng5|ng6|ng7|ng8|ng9|ng10|ng11|kris\tsɔ́ndɔ|"
	  "mɔ́ndɔ|sɔ́ndɔ mafú mába|sɔ́ndɔ mafú málal|sɔ́ndɔ mafú mána|mabágá má sukul|sásadi\tsɔ́n|mɔ"
	  "́n|smb|sml|smn|mbs|sas\tmaná|kugú\tBL|PB" },
	{ "nn",
	  "januar|februar|mars|april|mai|juni|juli|august|september|oktober|november|desember\tjan.|feb.|mars|apr.|mai|juni|jul"
	  "i|aug.|sep.|okt.|nov.|des.\tsøndag|måndag|tysdag|onsdag|torsdag|fredag|laurdag\tsø.|må.|ty.|on.|to.|fr.|la.\tfor"
	  "middag|ettermiddag\tf.Kr.|e.Kr." },
	{ "nnh",
	  "saŋ tsetsɛ̀ɛ lùm|saŋ kàg ngwóŋ|saŋ lepyè shúm|saŋ cÿó|saŋ tsɛ̀ɛ cÿó|saŋ njÿoláʼ|saŋ tyɛ̀"
	  "b tyɛ̀b mbʉ̀ŋ|saŋ mbʉ̀ŋ|saŋ ngwɔ̀ʼ mbÿɛ|saŋ tàŋa tsetsáʼ|saŋ mejwoŋó|saŋ lùm\tsaŋ tsetsɛ"
	  "̀ɛ lùm|saŋ kàg ngwóŋ|saŋ lepyè shúm|saŋ cÿó|saŋ tsɛ̀ɛ cÿó|saŋ njÿoláʼ|saŋ tyɛ̀b tyɛ̀b mb"
	  "ʉ̀ŋ|saŋ mbʉ̀ŋ|saŋ ngwɔ̀ʼ mbÿɛ|saŋ tàŋa tsetsáʼ|saŋ mejwoŋó|saŋ lùm\tlyɛʼɛ́ sẅíŋtè|mv"
	  "fò lyɛ̌ʼ|mbɔ́ɔntè mvfò lyɛ̌ʼ|tsètsɛ̀ɛ lyɛ̌ʼ|mbɔ́ɔntè tsetsɛ̀ɛ lyɛ̌ʼ|mvfò màga lyɛ̌"
	  "ʼ|màga lyɛ̌ʼ\tlyɛʼɛ́ sẅíŋtè|mvfò lyɛ̌ʼ|mbɔ́ɔntè mvfò lyɛ̌ʼ|tsètsɛ̀ɛ lyɛ̌ʼ|mbɔ́ɔn"
	  "tè tsetsɛ̀ɛ lyɛ̌ʼ|mvfò màga lyɛ̌ʼ|màga lyɛ̌ʼ\tmbaʼámbaʼ|ncwònzém\tm.z.Y.|m.g.n.Y." },
	{ "no",
	  "januar|februar|mars|april|mai|juni|juli|august|september|oktober|november|desember\tjan.|feb.|mar.|apr.|mai|jun.|jul"
	  ".|aug.|sep.|okt.|nov.|des.\tsøndag|mandag|tirsdag|onsdag|torsdag|fredag|lørdag\tsøn.|man.|tir.|ons.|tor.|fre.|lø"
	  "r.\ta.m.|p.m.\tf.Kr.|e.Kr." },
	{ "nus",
	  "Tiop thar pɛt|Pɛt|Duɔ̱ɔ̱ŋ|Guak|Duät|Kornyoot|Pay yie̱tni|Tho̱o̱r|Tɛɛr|Laath|Kur|Tio̱p in di̱i̱t\tTio"
	  "p|Pɛt|Duɔ̱ɔ̱|Guak|Duä|Kor|Pay|Thoo|Tɛɛ|Laa|Kur|Tid\tCäŋ kuɔth|Jiec la̱t|Rɛw lätni|Diɔ̱k lätni|Ŋuaa"
	  "n lätni|Dhieec lätni|Bäkɛl lätni\tCäŋ|Jiec|Rɛw|Diɔ̱k|Ŋuaan|Dhieec|Bäkɛl\tRW|TŊ\tAY|ƐY" },
	{ "nyn",
	  "Okwokubanza|Okwakabiri|Okwakashatu|Okwakana|Okwakataana|Okwamukaaga|Okwamushanju|Okwamunaana|Okwamwenda|Okwaikumi|Ok"
	  "waikumi na kumwe|Okwaikumi na ibiri\tKBZ|KBR|KST|KKN|KTN|KMK|KMS|KMN|KMW|KKM|KNK|KNB\tSande|Orwokubanza|Orwakabiri|O"
	  "rwakashatu|Orwakana|Orwakataano|Orwamukaaga\tSAN|ORK|OKB|OKS|OKN|OKT|OMK\tAM|PM\tBC|AD" },
	{ "om",
	  "Amajjii|Guraandhala|Bitooteessa|Elba|Caamsa|Waxabajjii|Adooleessa|Hagayya|Fuulbana|Onkololeessa|Sadaasa|Muddee\tAma|"
	  "Gur|Bit|Elb|Cam|Wax|Ado|Hag|Ful|Onk|Sad|Mud\tDilbata|Wiixata|Qibxata|Roobii|Kamiisa|Jimaata|Sanbata\tDil|Wix|Qib|Rob"
	  "|Kam|Jim|San\tWD|WB\tBCE|CE" },
	{ "or",
	  "ଜାନୁଆରୀ|ଫେବୃଆରୀ|ମାର୍ଚ୍ଚ|ଅପ୍ରେଲ|ମଇ|ଜୁନ|ଜୁଲା"
	  "ଇ|ଅଗଷ୍ଟ|ସେପ୍ଟେମ୍ବର|ଅକ୍ଟୋବର|ନଭେମ୍ବର|ଡିସେମ୍ବ"
	  "ର\tଜାନୁଆରୀ|ଫେବୃଆରୀ|ମାର୍ଚ୍ଚ|ଅପ୍ରେଲ|ମଇ|ଜୁନ|ଜୁଲ"
	  "ାଇ|ଅଗଷ୍ଟ|ସେପ୍ଟେମ୍ବର|ଅକ୍ଟୋବର|ନଭେମ୍ବର|ଡିସେମ୍"
	  "ବର\tରବିବାର|ସୋମବାର|ମଙ୍ଗଳବାର|ବୁଧବାର|ଗୁରୁବାର|ଶ"
	  "ୁକ୍ରବାର|ଶନିବାର\tରବି|ସୋମ|ମଙ୍ଗଳ|ବୁଧ|ଗୁରୁ|ଶୁକ୍ର"
	  "|ଶନି\tAM|PM\tBC|AD" },
	{ "os",
	  "январы|февралы|мартъийы|апрелы|майы|июны|июлы|августы|сентябры"
	  "|октябры|ноябры|декабры\tянв.|фев.|мар.|апр.|майы|июны|июлы|авг.|се"
	  "н.|окт.|ноя.|дек.\tхуыцаубон|къуырисӕр|дыццӕг|ӕртыццӕг|цыппӕрӕм|м"
	  "айрӕмбон|сабат\tхцб|крс|дцг|ӕрт|цпр|мрб|сбт\tӕмбисбоны размӕ|ӕмб"
	  "исбоны фӕстӕ\tн.д.а.|н.д." },
	{ "pa",
	  "ਜਨਵਰੀ|ਫ਼ਰਵਰੀ|ਮਾਰਚ|ਅਪ੍ਰੈਲ|ਮਈ|ਜੂਨ|ਜੁਲਾਈ|ਅਗਸਤ|ਸ"
	  "ਤੰਬਰ|ਅਕਤੂਬਰ|ਨਵੰਬਰ|ਦਸੰਬਰ\tਜਨ|ਫ਼ਰ|ਮਾਰਚ|ਅਪ੍ਰੈ|ਮ"
	  "ਈ|ਜੂਨ|ਜੁਲਾ|ਅਗ|ਸਤੰ|ਅਕਤੂ|ਨਵੰ|ਦਸੰ\tਐਤਵਾਰ|ਸੋਮਵਾਰ|ਮ"
	  "ੰਗਲਵਾਰ|ਬੁੱਧਵਾਰ|ਵੀਰਵਾਰ|ਸ਼ੁੱਕਰਵਾਰ|ਸ਼ਨਿੱਚਰਵਾ"
	  "ਰ\tਐਤ|ਸੋਮ|ਮੰਗਲ|ਬੁੱਧ|ਵੀਰ|ਸ਼ੁੱਕਰ|ਸ਼ਨਿੱਚਰ\tਪੂ.ਦੁ.|"
	  "ਬਾ.ਦੁ.\tਈ. ਪੂ.|ਸੰਨ" },
	{ "pcm",
	  "Jénúári|Fẹ́búári|Mach|Éprel|Mee|Jun|Julai|Ọgọst|Sẹptẹ́mba|Ọktóba|Nọvẹ́mba|Disẹ́mba\tJé"
	  "n|Fẹ́b|Mach|Épr|Mee|Jun|Jul|Ọgọ|Sẹp|Ọkt|Nọv|Dis\tSọ́ndè|Mọ́ndè|Tiúzdè|Wẹ́nẹ́zdè|Tọ"
	  "́zdè|Fraídè|Sátọdè\tSọ́n|Mọ́n|Tiú|Wẹ́n|Tọ́z|Fraí|Sát\tFọ mọ́nin|Fọ ívnin\tBK|KIY" },
	{ "pl",
	  "stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|września|października|listopada|grudnia\tsty|lut|mar|kw"
	  "i|maj|cze|lip|sie|wrz|paź|lis|gru\tniedziela|poniedziałek|wtorek|środa|czwartek|piątek|sobota\tniedz.|pon.|wt.|"
	  "śr.|czw.|pt.|sob.\tAM|PM\tp.n.e.|n.e." },
	{ "ps",
	  "جنوري|فبروري|مارچ|اپریل|مۍ|جون|جولای|اګست|سېپتمبر|اکتوبر|نومبر|"
	  "دسمبر\tجنوري|فبروري|مارچ|اپریل|مۍ|جون|جولای|اګست|سېپتمبر|اکتوبر|"
	  "نومبر|دسمبر\tيونۍ|دونۍ|درېنۍ|څلرنۍ|پينځنۍ|جمعه|اونۍ\tيونۍ|دونۍ|د"
	  "رېنۍ|څلرنۍ|پينځنۍ|جمعه|اونۍ\tغ.م.|غ.و.\tله میلاد وړاندې|م." },
	{ "pt",
	  "janeiro|fevereiro|março|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro\tjan.|fev.|mar.|abr.|mai.|"
	  "jun.|jul.|ago.|set.|out.|nov.|dez.\tdomingo|segunda-feira|terça-feira|quarta-feira|quinta-feira|sexta-feira|sábado"
	  "\tdom.|seg.|ter.|qua.|qui.|sex.|sáb.\tAM|PM\ta.C.|d.C." },
	{ "qu",
	  "Enero|Febrero|Marzo|Abril|Mayo|Junio|Julio|Agosto|Setiembre|Octubre|Noviembre|Diciembre\tEne|Feb|Mar|Abr|May|Jun|Jul"
	  "|Ago|Set|Oct|Nov|Dic\tDomingo|Lunes|Martes|Miércoles|Jueves|Viernes|Sábado\tDom|Lun|Mar|Mié|Jue|Vie|Sab\ta.m.|p.m"
	  ".\tBCE|d.C." },
	{ "rm",
	  "da schaner|da favrer|da mars|d’avrigl|da matg|da zercladur|da fanadur|d’avust|da settember|d’october|da novemb"
	  "er|da december\tschan.|favr.|mars|avr.|matg|zercl.|fan.|avust|sett.|oct.|nov.|dec.\tdumengia|glindesdi|mardi|mesemna"
	  "|gievgia|venderdi|sonda\tdu|gli|ma|me|gie|ve|so\tAM|PM\tav. Cr.|s. Cr." },
	{ "rn",
	  "Nzero|Ruhuhuma|Ntwarante|Ndamukiza|Rusama|Ruheshi|Mukakaro|Nyandagaro|Nyakanga|Gitugutu|Munyonyo|Kigarama\tMut.|Gas."
	  "|Wer.|Mat.|Gic.|Kam.|Nya.|Kan.|Nze.|Ukw.|Ugu.|Uku.\tKu w’indwi|Ku wa mbere|Ku wa kabiri|Ku wa gatatu|Ku wa kane|Ku"
	  " wa gatanu|Ku wa gatandatu\tcu.|mbe.|kab.|gtu.|kan.|gnu.|gnd.\tZ.MU.|Z.MW.\tMb.Y.|Ny.Y" },
	{ "ro",
	  "ianuarie|februarie|martie|aprilie|mai|iunie|iulie|august|septembrie|octombrie|noiembrie|decembrie\tian.|feb.|mar.|ap"
	  "r.|mai|iun.|iul.|aug.|sept.|oct.|nov.|dec.\tduminică|luni|marți|miercuri|joi|vineri|sâmbătă\tdum.|lun.|mar.|mie"
	  ".|joi|vin.|sâm.\ta.m.|p.m.\tî.Hr.|d.Hr." },
	{ "rof",
	  "Mweri wa kwanza|Mweri wa kaili|Mweri wa katatu|Mweri wa kaana|Mweri wa tanu|Mweri wa sita|Mweri wa saba|Mweri wa nan"
	  "e|Mweri wa tisa|Mweri wa ikumi|Mweri wa ikumi na moja|Mweri wa ikumi na mbili\tM1|M2|M3|M4|M5|M6|M7|M8|M9|M10|M11|M1"
	  "2\tIjumapili|Ijumatatu|Ijumanne|Ijumatano|Alhamisi|Ijumaa|Ijumamosi\tIjp|Ijt|Ijn|Ijtn|Alh|Iju|Ijm\tkang’ama|kingot"
	  "o\tKM|BM" },
	{ "ru",
	  "января|февраля|марта|апреля|мая|июня|июля|августа|сентября|окт"
	  "ября|ноября|декабря\tянв.|февр.|мар.|апр.|мая|июн.|июл.|авг.|сент.|о"
	  "кт.|нояб.|дек.\tвоскресенье|понедельник|вторник|среда|четверг|пя"
	  "тница|суббота\tвс|пн|вт|ср|чт|пт|сб\tAM|PM\tдо н. э.|н. э." },
	{ "rw",
	  "Mutarama|Gashyantare|Werurwe|Mata|Gicuransi|Kamena|Nyakanga|Kanama|Nzeli|Ukwakira|Ugushyingo|Ukuboza\tmut.|gas.|wer."
	  "|mat.|gic.|kam.|nya.|kan.|nze.|ukw.|ugu.|uku.\tKu cyumweru|Kuwa mbere|Kuwa kabiri|Kuwa gatatu|Kuwa kane|Kuwa gatanu|"
	  "Kuwa gatandatu\tcyu.|mbe.|kab.|gtu.|kan.|gnu.|gnd.\tAM|PM\tBCE|CE" },
	{ "rwk",
	  "Januari|Februari|Machi|Aprilyi|Mei|Junyi|Julyai|Agusti|Septemba|Oktoba|Novemba|Desemba\tJan|Feb|Mac|Apr|Mei|Jun|Jul|"
	  "Ago|Sep|Okt|Nov|Des\tJumapilyi|Jumatatuu|Jumanne|Jumatanu|Alhamisi|Ijumaa|Jumamosi\tJpi|Jtt|Jnn|Jtn|Alh|Iju|Jmo\tutu"
	  "ko|kyiukonyi\tKK|BK" },
	{ "sa",
	  "जनवरीमासः|फरवरीमासः|मार्चमासः|अप्रैलमासः|"
	  "मईमासः|जूनमासः|जुलाईमासः|अगस्तमासः|सितंबर"
	  "मासः|अक्तूबरमासः|नवंबरमासः|दिसंबरमासः\tजनव"
	  "री:|फरवरी:|मार्च:|अप्रैल:|मई|जून:|जुलाई:|अगस्त:|"
	  "सितंबर:|अक्तूबर:|नवंबर:|दिसंबर:\tरविवासरः|सोम"
	  "वासरः|मंगलवासरः|बुधवासरः|गुरुवासर:|शुक्रवा"
	  "सरः|शनिवासरः\tरवि|सोम|मंगल|बुध|गुरु|शुक्र|शन"
	  "ि\tपूर्वाह्न|अपराह्न\tBCE|CE" },
	{ "sah",
	  "Тохсунньу|Олунньу|Кулун тутар|Муус устар|Ыам ыйын|Бэс ыйын|От ы"
	  "йын|Атырдьых ыйын|Балаҕан ыйын|Алтынньы|Сэтинньи|ахсынньы\tТох"
	  "с|Олун|Клн|Мсу|Ыам|Бэс|Отй|Атр|Блҕ|Алт|Сэт|Ахс\tбаскыһыанньа|бэни"
	  "диэнньик|оптуорунньук|сэрэдэ|чэппиэр|Бээтиҥсэ|субуота\tбс|бн|о"
	  "п|сэ|чп|бэ|сб\tЭИ|ЭК\tб. э. и.|б. э" },
	{ "saq",
	  "Lapa le obo|Lapa le waare|Lapa le okuni|Lapa le ong’wan|Lapa le imet|Lapa le ile|Lapa le sapa|Lapa le isiet|Lapa l"
	  "e saal|Lapa le tomon|Lapa le tomon obo|Lapa le tomon waare\tObo|Waa|Oku|Ong|Ime|Ile|Sap|Isi|Saa|Tom|Tob|Tow\tMderot "
	  "ee are|Mderot ee kuni|Mderot ee ong’wan|Mderot ee inet|Mderot ee ile|Mderot ee sapa|Mderot ee kwe\tAre|Kun|Ong|Ine"
	  "|Ile|Sap|Kwe\tTesiran|Teipa\tKK|BK" },
	{ "sat",
	  "ᱡᱟᱱᱣᱟᱨᱤ|ᱯᱷᱟᱨᱣᱟᱨᱤ|ᱢᱟᱨᱪ|ᱟᱯᱨᱮᱞ|ᱢᱮ|ᱡᱩᱱ|ᱡᱩᱞᱟᱭ|ᱟᱜ"
	  "ᱟᱥᱛ|ᱥᱮᱯᱴᱮᱢᱵᱟᱨ|ᱚᱠᱴᱚᱵᱟᱨ|ᱱᱟᱣᱟᱢᱵᱟᱨ|ᱫᱤᱥᱟᱢᱵᱟᱨ\tᱡ"
	  "ᱟᱱ|ᱯᱷᱟ|ᱢᱟᱨ|ᱟᱯᱨ|ᱢᱮ|ᱡᱩᱱ|ᱡᱩᱞ|ᱟᱜᱟ|ᱥᱮᱯ|ᱚᱠᱴ|ᱱᱟᱣ|ᱫᱤᱥ\t"
	  "ᱥᱤᱸᱜᱮ|ᱚᱛᱮ|ᱵᱟᱞᱮ|ᱥᱟᱹᱜᱩᱱ|ᱥᱟᱹᱨᱫᱤ|ᱡᱟᱹᱨᱩᱢ|ᱧᱩᱦᱩᱢ\tᱥ"
	  "ᱤᱸ|ᱚᱛ|ᱵᱟ|ᱥᱟᱹ|ᱥᱟᱹᱨ|ᱡᱟᱹ|ᱧᱩ\tᱥᱮᱛᱟᱜ|ᱧᱤᱫᱟᱹ\tᱥᱮᱨᱢᱟ ᱞ"
	  "ᱟᱦᱟ|ᱤᱥᱣᱤ" },
	{ "sbp",
	  "Mupalangulwa|Mwitope|Mushende|Munyi|Mushende Magali|Mujimbi|Mushipepo|Mupuguto|Munyense|Mokhu|Musongandembwe|Muhaano"
	  "\tMup|Mwi|Msh|Mun|Mag|Muj|Msp|Mpg|Mye|Mok|Mus|Muh\tMulungu|Jumatatu|Jumanne|Jumatano|Alahamisi|Ijumaa|Jumamosi\tMul|"
	  "Jtt|Jnn|Jtn|Alh|Iju|Jmo\tLwamilawu|Pashamihe\tAK|PK" },
	{ "sd",
	  "جنوري|فيبروري|مارچ|اپريل|مئي|جون|جولاءِ|آگسٽ|سيپٽمبر|آڪٽوبر|نوم"
	  "بر|ڊسمبر\tجنوري|فيبروري|مارچ|اپريل|مئي|جون|جولاءِ|آگسٽ|سيپٽمبر|آ"
	  "ڪٽوبر|نومبر|ڊسمبر\tآچر|سومر|اڱارو|اربع|خميس|جمعو|ڇنڇر\tآچر|سومر|ا"
	  "ڱارو|اربع|خميس|جمعو|ڇنڇر\tصبح، منجهند|منجهند، شام\tBC|CD" },
	{ "se",
	  "ođđajagemánnu|guovvamánnu|njukčamánnu|cuoŋománnu|miessemánnu|geassemánnu|suoidnemánnu|borgemánnu|čakča"
	  "mánnu|golggotmánnu|skábmamánnu|juovlamánnu\tođđj|guov|njuk|cuo|mies|geas|suoi|borg|čakč|golg|skáb|juov\tso"
	  "tnabeaivi|vuossárga|maŋŋebárga|gaskavahkku|duorasdat|bearjadat|lávvardat\tsotn|vuos|maŋ|gask|duor|bear|láv\ti"
	  "đitbeaivet|eahketbeaivet\to.Kr.|m.Kr." },
	{ "seh",
	  "Janeiro|Fevreiro|Marco|Abril|Maio|Junho|Julho|Augusto|Setembro|Otubro|Novembro|Decembro\tJan|Fev|Mar|Abr|Mai|Jun|Jul"
	  "|Aug|Set|Otu|Nov|Dec\tDimingu|Chiposi|Chipiri|Chitatu|Chinai|Chishanu|Sabudu\tDim|Pos|Pir|Tat|Nai|Sha|Sab\tAM|PM\tAC"
	  "|AD" },
	{ "ses",
	  "Žanwiye|Feewiriye|Marsi|Awiril|Me|Žuweŋ|Žuyye|Ut|Sektanbur|Oktoobur|Noowanbur|Deesanbur\tŽan|Fee|Mar|Awi|Me|Žu"
	  "w|Žuy|Ut|Sek|Okt|Noo|Dee\tAlhadi|Atinni|Atalaata|Alarba|Alhamiisa|Alzuma|Asibti\tAlh|Ati|Ata|Ala|Alm|Alz|Asi\tAdduh"
	  "a|Aluula\tIJ|IZ" },
	{ "sg",
	  "Nyenye|Fulundïgi|Mbängü|Ngubùe|Bêläwü|Föndo|Lengua|Kükürü|Mvuka|Ngberere|Nabändüru|Kakauka\tNye|Ful|Mb"
	  "ä|Ngu|Bêl|Fön|Len|Kük|Mvu|Ngb|Nab|Kak\tBikua-ôko|Bïkua-ûse|Bïkua-ptâ|Bïkua-usïö|Bïkua-okü|Lâpôsö|L"
	  "âyenga\tBk1|Bk2|Bk3|Bk4|Bk5|Lâp|Lây\tND|LK\tKnK|NpK" },
	{ "sh",
	  "januar|februar|mart|april|maj|jun|jul|avgust|septembar|oktobar|novembar|decembar\tjan|feb|mar|apr|maj|jun|jul|avg|se"
	  "p|okt|nov|dec\tnedelja|ponedeljak|utorak|sreda|četvrtak|petak|subota\tned|pon|uto|sre|čet|pet|sub\tpre podne|po po"
	  "dne\tp. n. e.|n. e." },
	{ "shi",
	  "ⵉⵏⵏⴰⵢⵔ|ⴱⵕⴰⵢⵕ|ⵎⴰⵕⵚ|ⵉⴱⵔⵉⵔ|ⵎⴰⵢⵢⵓ|ⵢⵓⵏⵢⵓ|ⵢⵓⵍⵢⵓⵣ|"
	  "ⵖⵓⵛⵜ|ⵛⵓⵜⴰⵏⴱⵉⵔ|ⴽⵜⵓⴱⵔ|ⵏⵓⵡⴰⵏⴱⵉⵔ|ⴷⵓⵊⴰⵏⴱⵉⵔ\tⵉⵏⵏ|"
	  "ⴱⵕⴰ|ⵎⴰⵕ|ⵉⴱⵔ|ⵎⴰⵢ|ⵢⵓⵏ|ⵢⵓⵍ|ⵖⵓⵛ|ⵛⵓⵜ|ⴽⵜⵓ|ⵏⵓⵡ|ⴷⵓⵊ\tⴰ"
	  "ⵙⴰⵎⴰⵙ|ⴰⵢⵏⴰⵙ|ⴰⵙⵉⵏⴰⵙ|ⴰⴽⵕⴰⵙ|ⴰⴽⵡⴰⵙ|ⵙⵉⵎⵡⴰⵙ|ⴰⵙⵉⴹ"
	  "ⵢⴰⵙ\tⴰⵙⴰ|ⴰⵢⵏ|ⴰⵙⵉ|ⴰⴽⵕ|ⴰⴽⵡ|ⴰⵙⵉⵎ|ⴰⵙⵉⴹ\tⵜⵉⴼⴰⵡⵜ|ⵜⴰⴷ"
	  "ⴳⴳⵯⴰⵜ\tⴷⴰⵄ|ⴷⴼⵄ" },
	{ "si",
	  "ජනවාරි|පෙබරවාරි|මාර්තු|අප්‍රේල්|මැයි|ජූනි|"
	  "ජූලි|අගෝස්තු|සැප්තැම්බර්|ඔක්තෝබර්|නොවැම්බ"
	  "ර්|දෙසැම්බර්\tජන|පෙබ|මාර්තු|අප්‍රේල්|මැයි|ජූ"
	  "නි|ජූලි|අගෝ|සැප්|ඔක්|නොවැ|දෙසැ\tඉරිදා|සඳුදා|අ"
	  "ඟහරුවාදා|බදාදා|බ්‍රහස්පතින්දා|සිකුරාදා|සෙ"
	  "නසුරාදා\tඉරිදා|සඳුදා|අඟහ|බදාදා|බ්‍රහස්|සිකු|"
	  "සෙන\tපෙ.ව.|ප.ව.\tක්‍රි.පූ.|ක්‍රි.ව." },
	{ "sk",
	  "januára|februára|marca|apríla|mája|júna|júla|augusta|septembra|októbra|novembra|decembra\tjan|feb|mar|apr|má"
	  "j|jún|júl|aug|sep|okt|nov|dec\tnedeľa|pondelok|utorok|streda|štvrtok|piatok|sobota\tne|po|ut|st|št|pi|so\tAM|PM"
	  "\tpred Kr.|po Kr." },
	{ "sl",
	  "januar|februar|marec|april|maj|junij|julij|avgust|september|oktober|november|december\tjan.|feb.|mar.|apr.|maj|jun.|"
	  "jul.|avg.|sep.|okt.|nov.|dec.\tnedelja|ponedeljek|torek|sreda|četrtek|petek|sobota\tned.|pon.|tor.|sre.|čet.|pet.|"
	  "sob.\tdop.|pop.\tpr. Kr.|po Kr." },
	{ "smn",
	  "uđđâivemáánu|kuovâmáánu|njuhčâmáánu|cuáŋuimáánu|vyesimáánu|kesimáánu|syeinimáánu|porgemáánu|"
	  "čohčâmáánu|roovvâdmáánu|skammâmáánu|juovlâmáánu\tuđiv|kuovâ|njuhčâ|cuáŋui|vyesi|kesi|syeini|porg"
	  "e|čohčâ|roovvâd|skammâ|juovlâ\tpasepeeivi|vuossaargâ|majebaargâ|koskoho|tuorâstuv|vástuppeeivi|lávurduv\t"
	  "pas|vuo|maj|kos|tuo|vás|láv\tip.|ep.\toKr.|mKr." },
	{ "sn",
	  "Ndira|Kukadzi|Kurume|Kubvumbi|Chivabvu|Chikumi|Chikunguru|Nyamavhuvhu|Gunyana|Gumiguru|Mbudzi|Zvita\tNdi|Kuk|Kur|Kub"
	  "|Chv|Chk|Chg|Nya|Gun|Gum|Mbu|Zvi\tSvondo|Muvhuro|Chipiri|Chitatu|China|Chishanu|Mugovera\tSvo|Muv|Chp|Cht|Chn|Chs|Mu"
	  "g\tAM|PM\tBC|AD" },
	{ "so",
	  "Bisha Koobaad|Bisha Labaad|Bisha Saddexaad|Bisha Afraad|Bisha Shanaad|Bisha Lixaad|Bisha Todobaad|Bisha Sideedaad|Bi"
	  "sha Sagaalaad|Bisha Tobnaad|Bisha Kow iyo Tobnaad|Bisha Laba iyo Tobnaad\tJan|Feb|Mar|Abr|May|Jun|Lul|Ogs|Seb|Okt|No"
	  "f|Dis\tAxad|Isniin|Talaado|Arbaco|Khamiis|Jimco|Sabti\tAxd|Isn|Tldo|Arbc|Khms|Jmc|Sbti\tGH|GD\tCH|CD" },
	{ "sq",
	  "janar|shkurt|mars|prill|maj|qershor|korrik|gusht|shtator|tetor|nëntor|dhjetor\tjan|shk|mar|pri|maj|qer|korr|gush|sh"
	  "t|tet|nën|dhj\te diel|e hënë|e martë|e mërkurë|e enjte|e premte|e shtunë\tDie|Hën|Mar|Mër|Enj|Pre|Sht\te pa"
	  "radites|e pasdites\tp.K.|mb.K." },
	{ "sr",
	  "јануар|фебруар|март|април|мај|јун|јул|август|септембар|октобар|"
	  "новембар|децембар\tјан|феб|мар|апр|мај|јун|јул|авг|сеп|окт|нов|де"
	  "ц\tнедеља|понедељак|уторак|среда|четвртак|петак|субота\tнед|пон|"
	  "уто|сре|чет|пет|суб\tпре подне|по подне\tп. н. е.|н. е." },
	{ "su",
	  "Januari|Pébruari|Maret|April|Méi|Juni|Juli|Agustus|Séptémber|Oktober|Nopémber|Désémber\tJan|Péb|Mar|Apr|Méi"
	  "|Jun|Jul|Ags|Sép|Okt|Nop|Dés\tMinggu|Senén|Salasa|Rebo|Kemis|Jumaah|Saptu\tMng|Sen|Sal|Reb|Kem|Jum|Sap\tAM|PM\tSM"
	  "|M" },
	{ "sv",
	  "januari|februari|mars|april|maj|juni|juli|augusti|september|oktober|november|december\tjan.|feb.|mars|apr.|maj|juni|"
	  "juli|aug.|sep.|okt.|nov.|dec.\tsöndag|måndag|tisdag|onsdag|torsdag|fredag|lördag\tsön|mån|tis|ons|tors|fre|lör"
	  "\tfm|em\tf.Kr.|e.Kr." },
	{ "sw",
	  "Januari|Februari|Machi|Aprili|Mei|Juni|Julai|Agosti|Septemba|Oktoba|Novemba|Desemba\tJan|Feb|Mac|Apr|Mei|Jun|Jul|Ago"
	  "|Sep|Okt|Nov|Des\tJumapili|Jumatatu|Jumanne|Jumatano|Alhamisi|Ijumaa|Jumamosi\tJumapili|Jumatatu|Jumanne|Jumatano|Al"
	  "hamisi|Ijumaa|Jumamosi\tAM|PM\tKK|BK" },
	{ "ta",
	  "ஜனவரி|பிப்ரவரி|மார்ச்|ஏப்ரல்|மே|ஜூன்|ஜூலை|ஆ"
	  "கஸ்ட்|செப்டம்பர்|அக்டோபர்|நவம்பர்|டிசம்பர"
	  "்\tஜன.|பிப்.|மார்.|ஏப்.|மே|ஜூன்|ஜூலை|ஆக.|செப்.|அக்"
	  ".|நவ.|டிச.\tஞாயிறு|திங்கள்|செவ்வாய்|புதன்|வியா"
	  "ழன்|வெள்ளி|சனி\tஞாயி.|திங்.|செவ்.|புத.|வியா.|வெள"
	  "்.|சனி\tமுற்பகல்|பிற்பகல்\tகி.மு.|கி.பி." },
	{ "te",
	  "జనవరి|ఫిబ్రవరి|మార్చి|ఏప్రిల్|మే|జూన్|జులై|"
	  "ఆగస్టు|సెప్టెంబర్|అక్టోబర్|నవంబర్|డిసెంబర"
	  "్\tజన|ఫిబ్ర|మార్చి|ఏప్రి|మే|జూన్|జులై|ఆగ|సెప్"
	  "టెం|అక్టో|నవం|డిసెం\tఆదివారం|సోమవారం|మంగళవా"
	  "రం|బుధవారం|గురువారం|శుక్రవారం|శనివారం\tఆది|"
	  "సోమ|మంగళ|బుధ|గురు|శుక్ర|శని\tAM|PM\tక్రీపూ|క్రీశ" },
	{ "teo",
	  "Orara|Omuk|Okwamg’|Odung’el|Omaruk|Omodok’king’ol|Ojola|Opedel|Osokosokoma|Otibar|Olabor|Opoo\tRar|Muk|Kwa|D"
	  "un|Mar|Mod|Jol|Ped|Sok|Tib|Lab|Poo\tNakaejuma|Nakaebarasa|Nakaare|Nakauni|Nakaung’on|Nakakany|Nakasabiti\tJum|Bar|"
	  "Aar|Uni|Ung|Kan|Sab\tTaparachu|Ebongi\tKK|BK" },
	{ "tg",
	  "Январ|Феврал|Март|Апрел|Май|Июн|Июл|Август|Сентябр|Октябр|Ноябр"
	  "|Декабр\tЯнв|Фев|Мар|Апр|Май|Июн|Июл|Авг|Сен|Окт|Ноя|Дек\tЯкшанбе|"
	  "Душанбе|Сешанбе|Чоршанбе|Панҷшанбе|Ҷумъа|Шанбе\tЯшб|Дшб|Сшб|Чшб"
	  "|Пшб|Ҷмъ|Шнб\tAM|PM\tПеМ|ПаМ" },
	{ "th",
	  "มกราคม|กุมภาพันธ์|มีนาคม|เมษายน|พฤษภาคม|มิ"
	  "ถุนายน|กรกฎาคม|สิงหาคม|กันยายน|ตุลาคม|พฤศจ"
	  "ิกายน|ธันวาคม\tม.ค.|ก.พ.|มี.ค.|เม.ย.|พ.ค.|มิ.ย.|ก.ค.|ส."
	  "ค.|ก.ย.|ต.ค.|พ.ย.|ธ.ค.\tวันอาทิตย์|วันจันทร์|วันอั"
	  "งคาร|วันพุธ|วันพฤหัสบดี|วันศุกร์|วันเสาร์"
	  "\tอา.|จ.|อ.|พ.|พฤ.|ศ.|ส.\tก่อนเที่ยง|หลังเที่ยง\tก่อ"
	  "น ค.ศ.|ค.ศ." },
	{ "ti",
	  "ጥሪ|ለካቲት|መጋቢት|ሚያዝያ|ግንቦት|ሰነ|ሓምለ|ነሓሰ|መስከረም|ጥቅምቲ|"
	  "ሕዳር|ታሕሳስ\tጥሪ|ለካ|መጋ|ሚያ|ግን|ሰነ|ሓም|ነሓ|መስ|ጥቅ|ሕዳ|ታሕ\tሰን"
	  "በት|ሰኑይ|ሠሉስ|ረቡዕ|ኃሙስ|ዓርቢ|ቀዳም\tሰን|ሰኑ|ሰሉ|ረቡ|ሓሙ|ዓር|ቀዳ"
	  "\tቅድመ ፍርቂ-መዓልቲ|ደሕረ ፍርቀ-መዓልቲ\tዓ/ዓ|ዓ/ም" },
	{ "tk",
	  "ýanwar|fewral|mart|aprel|maý|iýun|iýul|awgust|sentýabr|oktýabr|noýabr|dekabr\týan|few|mart|apr|maý|iýun|i"
	  "ýul|awg|sen|okt|noý|dek\týekşenbe|duşenbe|sişenbe|çarşenbe|penşenbe|anna|şenbe\týek|duş|siş|çar|pen|an"
	  "n|şen\tgünortadan öň|günortadan soň\tB.e.öň|B.e." },
	{ "tl",
	  "Enero|Pebrero|Marso|Abril|Mayo|Hunyo|Hulyo|Agosto|Setyembre|Oktubre|Nobyembre|Disyembre\tEne|Peb|Mar|Abr|May|Hun|Hul"
	  "|Ago|Set|Okt|Nob|Dis\tLinggo|Lunes|Martes|Miyerkules|Huwebes|Biyernes|Sabado\tLin|Lun|Mar|Miy|Huw|Biy|Sab\tAM|PM\tBC"
	  "|AD" },
	{ "to",
	  "Sānuali|Fēpueli|Maʻasi|ʻEpeleli|Mē|Sune|Siulai|ʻAokosi|Sepitema|ʻOkatopa|Nōvema|Tīsema\tSān|Fēp|Maʻa|ʻE"
	  "pe|Mē|Sun|Siu|ʻAok|Sep|ʻOka|Nōv|Tīs\tSāpate|Mōnite|Tūsite|Pulelulu|Tuʻapulelulu|Falaite|Tokonaki\tSāp|Mōn"
	  "|Tūs|Pul|Tuʻa|Fal|Tok\thengihengi|efiafi\tKM|TS" },
	{ "tr",
	  "Ocak|Şubat|Mart|Nisan|Mayıs|Haziran|Temmuz|Ağustos|Eylül|Ekim|Kasım|Aralık\tOca|Şub|Mar|Nis|May|Haz|Tem|Ağu|"
	  "Eyl|Eki|Kas|Ara\tPazar|Pazartesi|Salı|Çarşamba|Perşembe|Cuma|Cumartesi\tPaz|Pzt|Sal|Çar|Per|Cum|Cmt\tÖÖ|ÖS\t"
	  "MÖ|MS" },
	{ "tt",
	  "гыйнвар|февраль|март|апрель|май|июнь|июль|август|сентябрь|октя"
	  "брь|ноябрь|декабрь\tгыйн.|фев.|мар.|апр.|май|июнь|июль|авг.|сент.|о"
	  "кт.|нояб.|дек.\tякшәмбе|дүшәмбе|сишәмбе|чәршәмбе|пәнҗешәмбе|җомг"
	  "а|шимбә\tякш.|дүш.|сиш.|чәр.|пәнҗ.|җом.|шим.\tAM|PM\tб.э.к.|милади" },
	{ "twq",
	  "Žanwiye|Feewiriye|Marsi|Awiril|Me|Žuweŋ|Žuyye|Ut|Sektanbur|Oktoobur|Noowanbur|Deesanbur\tŽan|Fee|Mar|Awi|Me|Žu"
	  "w|Žuy|Ut|Sek|Okt|Noo|Dee\tAlhadi|Atinni|Atalaata|Alarba|Alhamiisa|Alzuma|Asibti\tAlh|Ati|Ata|Ala|Alm|Alz|Asi\tSubba"
	  "ahi|Zaarikay b\tIJ|IZ" },
	{ "tzm",
	  "Yennayer|Yebrayer|Mars|Ibrir|Mayyu|Yunyu|Yulyuz|Ɣuct|Cutanbir|Kṭuber|Nwanbir|Dujanbir\tYen|Yeb|Mar|Ibr|May|Yun|Yu"
	  "l|Ɣuc|Cut|Kṭu|Nwa|Duj\tAsamas|Aynas|Asinas|Akras|Akwas|Asimwas|Asiḍyas\tAsa|Ayn|Asn|Akr|Akw|Asm|Asḍ\tZdat aza"
	  "l|Ḍeffir aza\tZƐ|ḌƐ" },
	{ "ug",
	  "يانۋار|فېۋرال|مارت|ئاپرېل|ماي|ئىيۇن|ئىيۇل|ئاۋغۇست|سېنتەبىر|ئۆك"
	  "تەبىر|نويابىر|دېكابىر\tيانۋار|فېۋرال|مارت|ئاپرېل|ماي|ئىيۇن|ئىيۇ"
	  "ل|ئاۋغۇست|سېنتەبىر|ئۆكتەبىر|نويابىر|دېكابىر\tيەكشەنبە|دۈشەنبە|"
	  "سەيشەنبە|چارشەنبە|پەيشەنبە|جۈمە|شەنبە\tيە|دۈ|سە|چا|پە|جۈ|شە\tچۈشت"
	  "ىن بۇرۇن|چۈشتىن كېيىن\tBCE|مىلادىيە" },
	{ "uk",
	  "січня|лютого|березня|квітня|травня|червня|липня|серпня|вересня"
	  "|жовтня|листопада|грудня\tсіч.|лют.|бер.|квіт.|трав.|черв.|лип.|сер"
	  "п.|вер.|жовт.|лист.|груд.\tнеділя|понеділок|вівторок|середа|четве"
	  "р|пʼятниця|субота\tнд|пн|вт|ср|чт|пт|сб\tдп|пп\tдо н. е.|н. е." },
	{ "ur",
	  "جنوری|فروری|مارچ|اپریل|مئی|جون|جولائی|اگست|ستمبر|اکتوبر|نومبر|د"
	  "سمبر\tجنوری|فروری|مارچ|اپریل|مئی|جون|جولائی|اگست|ستمبر|اکتوبر|نو"
	  "مبر|دسمبر\tاتوار|پیر|منگل|بدھ|جمعرات|جمعہ|ہفتہ\tاتوار|پیر|منگل|بد"
	  "ھ|جمعرات|جمعہ|ہفتہ\tAM|PM\tقبل مسیح|عیسوی" },
	{ "uz",
	  "yanvar|fevral|mart|aprel|may|iyun|iyul|avgust|sentabr|oktabr|noyabr|dekabr\tyan|fev|mar|apr|may|iyn|iyl|avg|sen|okt|"
	  "noy|dek\tyakshanba|dushanba|seshanba|chorshanba|payshanba|juma|shanba\tYak|Dush|Sesh|Chor|Pay|Jum|Shan\tTO|TK\tm.a.|"
	  "milodiy" },
	{ "vai",
	  "ꖨꖕ ꕪꕴ ꔞꔀꕮꕊ|ꕒꕡꖝꖕ|ꕾꖺ|ꖢꖕ|ꖑꕱ|ꖱꘋ|ꖱꕞꔤ|ꗛꔕ|ꕢꕌ|ꕭꖃ|ꔞꘋꕔꕿ ꕸ"
	  "ꖃꗏ|ꖨꖕ ꕪꕴ ꗏꖺꕮꕊ\tꖨꖕꔞ|ꕒꕡ|ꕾꖺ|ꖢꖕ|ꖑꕱ|ꖱꘋ|ꖱꕞ|ꗛꔕ|ꕢꕌ|ꕭꖃ|ꔞꘋ|"
	  "ꖨꖕꗏ\tꕞꕌꔵ|ꗳꗡꘉ|ꕚꕞꕚ|ꕉꕞꕒ|ꕉꔤꕆꕢ|ꕉꔤꕀꕮ|ꔻꔬꔳ\tꕞꕌꔵ|ꗳꗡꘉ|ꕚꕞ"
	  "ꕚ|ꕉꕞꕒ|ꕉꔤꕆꕢ|ꕉꔤꕀꕮ|ꔻꔬꔳ\tAM|PM\tBCE|CE" },
	{ "vi",
	  "tháng 1|tháng 2|tháng 3|tháng 4|tháng 5|tháng 6|tháng 7|tháng 8|tháng 9|tháng 10|tháng 11|tháng 12\tthg "
	  "1|thg 2|thg 3|thg 4|thg 5|thg 6|thg 7|thg 8|thg 9|thg 10|thg 11|thg 12\tChủ Nhật|Thứ Hai|Thứ Ba|Thứ Tư|Th"
	  "ứ Năm|Thứ Sáu|Thứ Bảy\tCN|Th 2|Th 3|Th 4|Th 5|Th 6|Th 7\tSA|CH\tTrước CN|Sau CN" },
	{ "vun",
	  "Januari|Februari|Machi|Aprilyi|Mei|Junyi|Julyai|Agusti|Septemba|Oktoba|Novemba|Desemba\tJan|Feb|Mac|Apr|Mei|Jun|Jul|"
	  "Ago|Sep|Okt|Nov|Des\tJumapilyi|Jumatatuu|Jumanne|Jumatanu|Alhamisi|Ijumaa|Jumamosi\tJpi|Jtt|Jnn|Jtn|Alh|Iju|Jmo\tutu"
	  "ko|kyiukonyi\tKK|BK" },
	{ "wae",
	  "Jenner|Hornig|Märze|Abrille|Meije|Bráčet|Heiwet|Öigšte|Herbštmánet|Wímánet|Wintermánet|Chrištmánet\tJen|"
	  "Hor|Mär|Abr|Mei|Brá|Hei|Öig|Her|Wím|Win|Chr\tSunntag|Mäntag|Zištag|Mittwuč|Fróntag|Fritag|Samštag\tSun|Män"
	  "|Ziš|Mit|Fró|Fri|Sam\tAM|PM\tv. Chr.|n. Chr" },
	{ "wo",
	  "Samwiyee|Fewriyee|Mars|Awril|Mee|Suwe|Sulet|Ut|Sàttumbar|Oktoobar|Nowàmbar|Desàmbar\tSam|Few|Mar|Awr|Mee|Suw|Sul|"
	  "Ut|Sàt|Okt|Now|Des\tDibéer|Altine|Talaata|Àlarba|Alxamis|Àjjuma|Aseer\tDib|Alt|Tal|Àla|Alx|Àjj|Ase\tSub|Ngo\tJ"
	  "C|AD" },
	{ "xh",
	  "Janyuwari|Februwari|Matshi|Epreli|Meyi|Juni|Julayi|Agasti|Septemba|Okthoba|Novemba|Disemba\tJan|Feb|Mat|Epr|Mey|Jun|"
	  "Jul|Aga|Sep|Okt|Nov|Dis\tCawe|Mvulo|Lwesibini|Lwesithathu|Lwesine|Lwesihlanu|Mgqibelo\tCaw|Mvu|Bin|Tha|Sin|Hla|Mgq\t"
	  "AM|PM\tBC|AD" },
	{ "xog",
	  "Janwaliyo|Febwaliyo|Marisi|Apuli|Maayi|Juuni|Julaayi|Agusito|Sebuttemba|Okitobba|Novemba|Desemba\tJan|Feb|Mar|Apu|Ma"
	  "a|Juu|Jul|Agu|Seb|Oki|Nov|Des\tSabiiti|Balaza|Owokubili|Owokusatu|Olokuna|Olokutaanu|Olomukaaga\tSabi|Bala|Kubi|Kusa"
	  "|Kuna|Kuta|Muka\tMunkyo|Eigulo\tAZ|AF" },
	{ "yav",
	  "pikítíkítie, oólí ú kutúan|siɛyɛ́, oóli ú kándíɛ|ɔnsúmbɔl, oóli ú kátátúɛ|mesiŋ, oóli ú k"
	  "énie|ensil, oóli ú kátánuɛ|ɔsɔn|efute|pisuyú|imɛŋ i puɔs|imɛŋ i putúk,oóli ú kátíɛ|makandikɛ|pi"
	  "lɔndɔ́\to.1|o.2|o.3|o.4|o.5|o.6|o.7|o.8|o.9|o.10|o.11|o.12\tsɔ́ndiɛ|móndie|muányáŋmóndie|metúkpíápɛ|k"
	  "úpélimetúkpiapɛ|feléte|séselé\tsd|md|mw|et|kl|fl|ss\tkiɛmɛ́ɛm|kisɛ́ndɛ\tk.Y.|+J.C." },
	{ "yi",
	  "יאַנואַר|פֿעברואַר|מערץ|אַפּריל|מיי|יוני|יולי|אויגוסט|סעפּטעמב"
	  "ער|אקטאבער|נאוועמבער|דעצעמבער\tיאַנואַר|פֿעברואַר|מערץ|אַפּריל"
	  "|מיי|יוני|יולי|אויגוסט|סעפּטעמבער|אקטאבער|נאוועמבער|דעצעמבער\tז"
	  "ונטיק|מאָנטיק|דינסטיק|מיטוואך|דאנערשטיק|פֿרײַטיק|שבת\tזונטיק|מ"
	  "אָנטיק|דינסטיק|מיטוואך|דאנערשטיק|פֿרײַטיק|שבת\tפֿאַרמיטאָג|נאָ"
	  "כמיטאָג\tBCE|CE" },
	{ "yo",
	  "Oṣù Ṣẹ́rẹ́|Oṣù Èrèlè|Oṣù Ẹrẹ̀nà|Oṣù Ìgbé|Oṣù Ẹ̀bibi|Oṣù Òkúdu|Oṣù Agẹ"
	  "mọ|Oṣù Ògún|Oṣù Owewe|Oṣù Ọ̀wàrà|Oṣù Bélú|Oṣù Ọ̀pẹ̀\tṢẹ́r|Èrèl|Ẹrẹ̀n|Ìg"
	  "b|Ẹ̀bi|Òkú|Agẹ|Ògú|Owe|Ọ̀wà|Bél|Ọ̀pẹ\tỌjọ́ Àìkú|Ọjọ́ Ajé|Ọjọ́ Ìsẹ́gun|Ọj"
	  "ọ́rú|Ọjọ́bọ|Ọjọ́ Ẹtì|Ọjọ́ Àbámẹ́ta\tÀìk|Aj|Ìsẹ́g|Ọjọ́r|Ọjọ́b|Ẹt|Àbá"
	  "m\tÀárọ̀|Ọ̀sán\tBCE|AD" },
	{ "yue",
	  "1月|2月|3月|4月|5月|6月|7月|8月|9月|10月|11月|12月\t1月|2月|3月|4月|5月|6月|7月|8月|9月|10月|1"
	  "1月|12月\t星期日|星期一|星期二|星期三|星期四|星期五|星期六\t星期日|星期一|星期二|星"
	  "期三|星期四|星期五|星期六\t上午|下午\t西元前|西元" },
	{ "zgh",
	  "ⵉⵏⵏⴰⵢⵔ|ⴱⵕⴰⵢⵕ|ⵎⴰⵕⵚ|ⵉⴱⵔⵉⵔ|ⵎⴰⵢⵢⵓ|ⵢⵓⵏⵢⵓ|ⵢⵓⵍⵢⵓⵣ|"
	  "ⵖⵓⵛⵜ|ⵛⵓⵜⴰⵏⴱⵉⵔ|ⴽⵜⵓⴱⵔ|ⵏⵓⵡⴰⵏⴱⵉⵔ|ⴷⵓⵊⴰⵏⴱⵉⵔ\tⵉⵏⵏ|"
	  "ⴱⵕⴰ|ⵎⴰⵕ|ⵉⴱⵔ|ⵎⴰⵢ|ⵢⵓⵏ|ⵢⵓⵍ|ⵖⵓⵛ|ⵛⵓⵜ|ⴽⵜⵓ|ⵏⵓⵡ|ⴷⵓⵊ\tⴰ"
	  "ⵙⴰⵎⴰⵙ|ⴰⵢⵏⴰⵙ|ⴰⵙⵉⵏⴰⵙ|ⴰⴽⵕⴰⵙ|ⴰⴽⵡⴰⵙ|ⴰⵙⵉⵎⵡⴰⵙ|ⴰⵙⵉ"
	  "ⴹⵢⴰⵙ\tⴰⵙⴰ|ⴰⵢⵏ|ⴰⵙⵉ|ⴰⴽⵕ|ⴰⴽⵡ|ⴰⵙⵉⵎ|ⴰⵙⵉⴹ\tⵜⵉⴼⴰⵡⵜ|ⵜⴰ"
	  "ⴷⴳⴳⵯⴰⵜ\tⴷⴰⵄ|ⴷⴼⵄ" },
	{ "zh",
	  "一月|二月|三月|四月|五月|六月|七月|八月|九月|十月|十一月|十二月\t1月|2月|3月|4月|5月|"
	  "6月|7月|8月|9月|10月|11月|12月\t星期日|星期一|星期二|星期三|星期四|星期五|星期六\t周日"
	  "|周一|周二|周三|周四|周五|周六\t上午|下午\t公元前|公元" },
	{ "zu",
	  "Januwari|Februwari|Mashi|Ephreli|Meyi|Juni|Julayi|Agasti|Septhemba|Okthoba|Novemba|Disemba\tJan|Feb|Mas|Eph|Mey|Jun|"
	  "Jul|Aga|Sep|Okt|Nov|Dis\tISonto|UMsombuluko|ULwesibili|ULwesithathu|ULwesine|ULwesihlanu|UMgqibelo\tSon|Mso|Bil|Tha|"
	  "Sin|Hla|Mgq\tAM|PM\tBC|AD" },
};
const size_t joda_names_2_n = ARRAY_LEN(joda_names_2);
