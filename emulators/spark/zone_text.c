/* Names of zones as Java has them in English: the usual ones. What isn't here is shown by the database's short name. */
#include "spark/time.h"

static const struct {
	const char *text, *full, *area; /* area: how the zone's name begins; NULL: any */
	const char *zone;               /* what the text means when it is read; NULL: it isn't read */
	const char *database;           /* the database's short name where it has another */
} names[] = {
	{ "UTC", "Coordinated Universal Time", NULL, "UTC" },
	{ "GMT", "Greenwich Mean Time", NULL, "GMT" },
	{ "PST", "Pacific Standard Time", "America/", "America/Los_Angeles" },
	{ "PDT", "Pacific Daylight Time", "America/", "America/Los_Angeles" },
	{ "MST", "Mountain Standard Time", "America/", "America/Denver" },
	{ "MDT", "Mountain Daylight Time", "America/", "America/Denver" },
	{ "CST", "Central Standard Time", "America/", "America/Chicago" },
	{ "CDT", "Central Daylight Time", "America/", "America/Chicago" },
	{ "EST", "Eastern Standard Time", "America/", "America/New_York" },
	{ "EDT", "Eastern Daylight Time", "America/", "America/New_York" },
	{ "AST", "Atlantic Standard Time", "America/", "America/Halifax" },
	{ "ADT", "Atlantic Daylight Time", "America/", "America/Halifax" },
	{ "AKST", "Alaska Standard Time", "America/", "America/Anchorage" },
	{ "AKDT", "Alaska Daylight Time", "America/", "America/Anchorage" },
	{ "HST", "Hawaii-Aleutian Standard Time", "Pacific/", "Pacific/Honolulu" },
	{ "NST", "Newfoundland Standard Time", "America/", "America/St_Johns" },
	{ "NDT", "Newfoundland Daylight Time", "America/", "America/St_Johns" },
	{ "WET", "Western European Standard Time", NULL, "WET" },
	{ "WEST", "Western European Summer Time", NULL, "Europe/Lisbon" },
	{ "CET", "Central European Standard Time", NULL, "CET" },
	{ "CEST", "Central European Summer Time", NULL, "Europe/Paris" },
	{ "EET", "Eastern European Standard Time", NULL, "EET" },
	{ "EEST", "Eastern European Summer Time", NULL, "Europe/Athens" },
	{ "BST", "British Summer Time", "Europe/London", "Europe/London" },
	{ "IST", "Irish Standard Time", "Europe/Dublin", "Europe/Dublin" },
	{ "IST", "India Standard Time", "Asia/", NULL },
	{ "MSK", "Moscow Standard Time", "Europe/", "Europe/Moscow" },
	{ "TRT", "Turkey Time", "Europe/Istanbul", NULL, "+03" },
	{ "JST", "Japan Standard Time", "Asia/", "Asia/Tokyo" },
	{ "KST", "Korean Standard Time", "Asia/", "Asia/Seoul" },
	{ "CST", "China Standard Time", "Asia/", NULL },
	{ "HKT", "Hong Kong Standard Time", "Asia/", "Asia/Hong_Kong" },
	{ "PST", "Philippine Standard Time", "Asia/", NULL },
	{ "SGT", "Singapore Standard Time", "Asia/Singapore", "Asia/Singapore", "+08" },
	{ "GST", "Gulf Standard Time", "Asia/Dubai", "Asia/Dubai", "+04" },
	{ "PKT", "Pakistan Standard Time", "Asia/", "Asia/Karachi" },
	{ "NPT", "Nepal Time", "Asia/", "Asia/Kathmandu", "+0545" },
	{ "WIB", "Western Indonesia Time", "Asia/", "Asia/Jakarta" },
	{ "AEST", "Australian Eastern Standard Time", "Australia/", "Australia/Sydney" },
	{ "AEDT", "Australian Eastern Daylight Time", "Australia/", "Australia/Sydney" },
	{ "ACST", "Australian Central Standard Time", "Australia/", "Australia/Adelaide" },
	{ "ACDT", "Australian Central Daylight Time", "Australia/", "Australia/Adelaide" },
	{ "AWST", "Australian Western Standard Time", "Australia/", "Australia/Perth" },
	{ "NZST", "New Zealand Standard Time", "Pacific/", "Pacific/Auckland" },
	{ "NZDT", "New Zealand Daylight Time", "Pacific/", "Pacific/Auckland" },
	{ "SAST", "South Africa Standard Time", "Africa/", "Africa/Johannesburg" },
	{ "WAT", "West Africa Standard Time", "Africa/", "Africa/Lagos" },
	{ "EAT", "East Africa Time", "Africa/", "Africa/Nairobi" },
	{ "CAT", "Central Africa Time", "Africa/", "Africa/Maputo" },
	{ "BRT", "Brasilia Standard Time", "America/Sao_Paulo", "America/Sao_Paulo", "-03" },
	{ "ART", "Argentina Standard Time", "America/Argentina/", NULL, "-03" },
	{ "COT", "Colombia Standard Time", "America/Bogota", "America/Bogota", "-05" },
};

void sp_zone_text(struct buf *b, const struct sp_zone *z, int64_t us, bool full)
{
	struct slice id = sp_zone_id(z), text = sp_zone_short(z, us);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (sl_eqs(text, names[i].database ? names[i].database : names[i].text) &&
		    (!names[i].area || sl_starts(id, sl(names[i].area)))) {
			buf_adds(b, full ? names[i].full : names[i].text);
			return;
		}
	buf_addsl(b, text);
}

struct slice sp_zone_named(struct slice s, bool full, size_t *n)
{
	const char *best = NULL;
	*n = 0;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct slice name = sl(full ? names[i].full : names[i].text);
		if (names[i].zone && name.n > *n && sl_starts_nocase(s, name)) {
			*n = name.n;
			best = names[i].zone;
		}
	}
	return sl(best);
}
