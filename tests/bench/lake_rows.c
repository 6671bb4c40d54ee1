/* Posts as the S3 sink stores them, for the lake's bench: three topics of JSON lines, the dirt of the real rows in its real
 * share, every twentieth post sent twice.
 *   lake_rows DIR SEED_FOLDER POSTS BYTES     objects of about BYTES; 0: one post each
 * Makes DIR/TOPIC/NNNNNNNNNN.json, TOPIC one of pin, geo, user. The same arguments give the same bytes. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct words {
	char **v;
	size_t n;
};
struct out {
	const char *dir;
	FILE *f;
	long bytes, max;
	uint64_t post; /* of the object's first record */
};
static struct words first_names, last_names, phrases, countries, categories;

static void add(struct words *w, const char *text)
{
	w->v = realloc(w->v, (w->n + 1) * sizeof(*w->v));
	w->v[w->n++] = strdup(text);
}

/* Field `column` of each line, cut at commas. */
static struct words load(const char *dir, const char *name, int column)
{
	char path[1024], line[4096];
	struct words w = { 0 };
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *f = fopen(path, "r");
	if (!f) {
		perror(path);
		exit(1);
	}
	while (fgets(line, sizeof(line), f)) {
		char *field = line, *word;
		line[strcspn(line, "\r\n")] = '\0';
		if (!line[0] || line[0] == '#')
			continue;
		for (int i = 0; i < column && field; i++)
			field = strchr(field, '|') ? strchr(field, '|') + 1 : NULL;
		if (!field)
			continue;
		field[strcspn(field, "|")] = '\0';
		while ((word = column ? strsep(&field, ",") : field)) {
			add(&w, word);
			if (!column)
				break;
		}
	}
	fclose(f);
	return w;
}

static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

/* The nth choice about one post. */
static uint64_t pick(uint64_t post, int nth, uint64_t n)
{
	return mix(post * 64 + (uint64_t)nth) % n;
}

static const char *word(const struct words *w, uint64_t post, int nth)
{
	return w->v[pick(post, nth, w->n)];
}

static void begin(struct out *o, uint64_t post)
{
	char path[1024];
	if (o->f && o->bytes < o->max)
		return;
	if (o->f && fclose(o->f)) {
		perror(o->dir);
		exit(1);
	}
	snprintf(path, sizeof(path), "%s/%010" PRIu64 ".json", o->dir, post);
	o->bytes = 0;
	if (!(o->f = fopen(path, "w"))) {
		perror(path);
		exit(1);
	}
}

static void put(struct out *o, int n)
{
	o->bytes += n;
}

static void followers(char *to, size_t n, uint64_t p)
{
	uint64_t kind = pick(p, 20, 1000);
	if (kind < 6)
		snprintf(to, n, "User Info Error");
	else if (kind < 750)
		snprintf(to, n, "%" PRIu64 "k", pick(p, 21, 990) + 1);
	else if (kind < 920)
		snprintf(to, n, "%" PRIu64, pick(p, 21, 1000));
	else
		snprintf(to, n, "%" PRIu64 "M", pick(p, 21, 15) + 1);
}

static void pin(struct out *o, uint64_t nth, uint64_t p)
{
	const char *category = word(&categories, p, 0);
	char count[32];
	int dirty = pick(p, 1, 1000) < 6, story = pick(p, 2, 1000) < 69, missing = pick(p, 3, 1000) < 19;
	followers(count, sizeof(count), p);
	begin(o, nth);
	put(o, fprintf(o->f, "{\"is_image_or_video\":\"%s\",\"unique_id\":\"%08" PRIx64 "-%04" PRIx64 "-4%03" PRIx64 "-a%03" PRIx64 "-%012" PRIx64 "\",",
		       story ? "multi-video(story page format)" : pick(p, 4, 30) ? "image" : "video", mix(p) >> 32, pick(p, 5, 65536),
		       pick(p, 6, 4096), pick(p, 7, 4096), mix(p ^ 99) >> 16));
	put(o, fprintf(o->f, "\"save_location\":\"Local save in /data/%s\",", category));
	if (dirty)
		put(o, fprintf(o->f, "\"poster_name\":\"User Info Error\","));
	else
		put(o, fprintf(o->f, "\"poster_name\":\"%s %s %" PRIu64 "\",", word(&first_names, p, 8), word(&last_names, p, 9), pick(p, 10, 40)));
	if (dirty || pick(p, 11, 1000) < 5)
		put(o, fprintf(o->f, "\"tag_list\":\"N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e\","));
	else
		put(o, fprintf(o->f, "\"tag_list\":\"%s,%s,%s,%s\",", word(&phrases, p, 12), word(&phrases, p, 13), word(&phrases, p, 14), word(&phrases, p, 15)));
	put(o, fprintf(o->f, "\"index\":%" PRIu64 ",", p));
	if (story || dirty)
		put(o, fprintf(o->f, "\"description\":\"No description available Story format\","));
	else if (pick(p, 16, 1000) < 16)
		put(o, fprintf(o->f, "\"description\":\"No description available\","));
	else
		put(o, fprintf(o->f, "\"description\":\"%s: what you need, what it costs and what we would do again \xe2\x80\x93 %s, \\\"%s\\\" and%s\",",
			       word(&phrases, p, 17), word(&phrases, p, 18), word(&phrases, p, 19), pick(p, 22, 3) ? "" : "\xe2\x80\xa6\xc2\xa0"));
	put(o, fprintf(o->f, "\"title\":\"%s%s%s\",", dirty ? "No Title Data Available" : word(&phrases, p, 23), dirty ? "" : " - ",
		       dirty ? "" : word(&phrases, p, 24)));
	put(o, fprintf(o->f, "\"category\":\"%s\",\"follower_count\":\"%s\",", category, count));
	if (missing)
		put(o, fprintf(o->f, "\"image_src\":\"Image src error.\",\"downloaded\":0}\n"));
	else
		put(o, fprintf(o->f, "\"image_src\":\"https://i.pinimg.com/originals/%02x/%02x/%02x/%016" PRIx64 "%016" PRIx64 ".jpg\",\"downloaded\":1}\n",
			       (int)pick(p, 25, 256), (int)pick(p, 26, 256), (int)pick(p, 27, 256), mix(p ^ 7), mix(p ^ 8)));
}

static void stamp(char *to, size_t n, uint64_t p, int nth, int year, int years)
{
	static const char *const forms[] = { "%d-%02d-%02dT%02d:%02d:%02d", "%d-%02d-%02d %02d:%02d:%02d" };
	snprintf(to, n, forms[pick(p, nth, 3) != 0], year + (int)pick(p, nth + 1, (uint64_t)years), 1 + (int)pick(p, nth + 2, 12),
		 1 + (int)pick(p, nth + 3, 28), (int)pick(p, nth + 4, 24), (int)pick(p, nth + 5, 60), (int)pick(p, nth + 6, 60));
}

static void geo(struct out *o, uint64_t nth, uint64_t p)
{
	char at[40];
	stamp(at, sizeof(at), p, 30, 2017, 6);
	begin(o, nth);
	put(o, fprintf(o->f, "{\"country\":\"%s\",\"latitude\":%.6g,\"ind\":%" PRIu64 ",\"timestamp\":\"%s\",\"longitude\":%.6g}\n", word(&countries, p, 28),
		       ((double)pick(p, 37, 1800001) - 900000) / 10000, p, at, ((double)pick(p, 38, 3600001) - 1800000) / 10000));
}

static void user(struct out *o, uint64_t nth, uint64_t p)
{
	uint64_t who = pick(p, 40, 1 + p / 2); /* users post more than once */
	char at[40];
	stamp(at, sizeof(at), who, 41, 2015, 3);
	begin(o, nth);
	put(o, fprintf(o->f, "{\"last_name\":\"%s\",\"date_joined\":\"%s\",\"first_name\":\"%s\",\"ind\":%" PRIu64 ",\"age\":%d}\n",
		       word(&last_names, who, 50), at, word(&first_names, who, 51), p, 20 + (int)pick(who, 52, 41)));
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*write)(struct out *o, uint64_t nth, uint64_t post);
	} topics[] = { { "pin", pin }, { "geo", geo }, { "user", user } };
	if (argc != 5) {
		fprintf(stderr, "lake_rows DIR SEED_FOLDER POSTS BYTES\n");
		return 2;
	}
	first_names = load(argv[2], "first_names.txt", 0);
	last_names = load(argv[2], "last_names.txt", 0);
	phrases = load(argv[2], "categories.txt", 2);
	countries = load(argv[2], "countries.txt", 0);
	categories = load(argv[2], "categories.txt", 0);
	uint64_t posts = strtoull(argv[3], NULL, 10);
	for (int t = 0; t < 3; t++) {
		char dir[1024];
		snprintf(dir, sizeof(dir), "%s/%s", argv[1], topics[t].name);
		mkdir(dir, 0777);
		struct out o = { .dir = dir, .max = strtol(argv[4], NULL, 10) };
		/* Of twenty records one is a post that was sent already. */
		for (uint64_t i = 0; i < posts; i++)
			topics[t].write(&o, i, i % 20 == 19 ? pick(i, 63, i) / 20 * 20 : i);
		if (o.f && fclose(o.f))
			return 1;
	}
	return 0;
}
