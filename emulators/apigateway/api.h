/* An API as it runs: its resources, methods and integrations, read once from documents by compile.c, and its stages.
 *
 *   route.c      the resource tree: path and method -> method, path parameters
 *   stage.c      stages: which runs, which ends with its last call
 *   headers.c    which headers pass, in both directions
 *   json.c       JSON texts of users, within bounds */
#ifndef TARN_APIGATEWAY_API_H
#define TARN_APIGATEWAY_API_H

#include "apigateway/apigateway.h"
#include "velocity/velocity.h"

enum {
	GW_BODY_MAX = 10 << 20,      /* AWS: 10 MB payload */
	GW_RESOURCES_MAX = 300,      /* AWS: resources of an API */
	GW_MODELS_MAX = 1000,        /* of an API; AWS: 60, raised on demand */
	GW_DOC_PARTS_MAX = 2000,     /* AWS: documentation parts of an API */
	GW_DEPTH_MAX = 32,           /* path segments of a resource */
	GW_PARAMS_MAX = 16,          /* path parameters of one resource */
	GW_STAGES_MAX = 10,          /* AWS: stages of an API */
	GW_TIMEOUT_MIN_MS = 50,
	GW_TIMEOUT_MS = 29000,       /* AWS: default and, unless raised, most */
	GW_HEADERS_MAX = 96,         /* sent to a backend */
	GW_DOC_MAX = 6 << 20,        /* AWS: bytes of an OpenAPI document */
	GW_DOC_DEPTH_MAX = 128,      /* nested lists and objects of a user's document */
	GW_DOC_NODES_MAX = 400000,   /* its values and keys, which take some 100 bytes each */
	GW_JSON_DEPTH_MAX = 512,     /* the same of a body on its way */
	GW_JSON_NODES_MAX = 1 << 20,
};

enum gw_type { GW_HTTP_PROXY, GW_HTTP, GW_MOCK, GW_AWS, GW_AWS_PROXY };
enum gw_place { GW_HEADER, GW_QUERY, GW_PATH };
enum gw_source { GW_FROM_STATIC, GW_FROM_HEADER, GW_FROM_QUERY, GW_FROM_PATH, GW_FROM_BODY, GW_FROM_STAGE, GW_FROM_CONTEXT };
enum gw_passthrough { GW_WHEN_NO_MATCH, GW_WHEN_NO_TEMPLATES, GW_NEVER };
enum gw_convert { GW_CONVERT_NONE, GW_CONVERT_TO_TEXT, GW_CONVERT_TO_BINARY };

/* place.name = source.value, e.g. integration.request.path.proxy = method.request.path.proxy. */
struct gw_param {
	enum gw_place place;
	struct slice name;
	enum gw_source source;
	struct slice value; /* name of the source's field, or the static text */
};
struct gw_template {
	struct slice type, text; /* content type, "$default" too */
	struct vtl_tree *tree;   /* NULL: it isn't read yet, each render does; or doesn't parse, for the reason in bad */
	const char *bad;
};
/* An integration response. */
struct gw_answer {
	bool fallback; /* no selectionPattern ("default") */
	struct slice pattern; /* java.util.regex over the whole status */
	int status;
	struct gw_param *params; /* all into headers */
	size_t param_n;
	struct gw_template *templates;
	size_t template_n;
	enum gw_convert convert;
};
struct gw_integration {
	enum gw_type type;
	struct slice method; /* "ANY" or absent: the client's */
	struct slice uri;
	struct slice role; /* credentials: as whom AWS services are called */
	struct gw_param *params;
	size_t param_n;
	struct gw_template *templates;
	size_t template_n;
	enum gw_passthrough passthrough;
	enum gw_convert convert;
	int64_t timeout_ms;
	struct gw_answer *answers;
	size_t answer_n;
};
enum gw_method_index { GW_DELETE, GW_GET, GW_HEAD, GW_OPTIONS, GW_PATCH, GW_POST, GW_PUT, GW_ANY, GW_METHOD_N };
struct gw_method {
	bool key_required;
	bool authorized; /* wants an authorizer or a signature */
	bool iam;        /* a signature: AWS_IAM */
	bool check_params, check_body;
	struct gw_param *needs; /* required parameters: place and name */
	size_t need_n;
	json_t *models;          /* content type -> model name; borrowed from the API's snapshot */
	json_t *authorizer;      /* likewise; NULL: none, or not known */
	bool integrated;         /* has an integration */
	struct gw_integration in;
};
enum gw_node_kind { GW_STATIC, GW_PARAM, GW_GREEDY };
/* One resource; children are sorted static, {param}, {greedy+}. */
struct gw_node {
	enum gw_node_kind kind;
	struct slice name; /* segment, or the parameter's name */
	struct slice path; /* "/topics/{topic}" */
	struct slice id;   /* the resource's */
	struct gw_node *child, *next;
	struct gw_method *methods[GW_METHOD_N];
};
/* Everything hangs on the arena. */
struct gw_api {
	struct arena arena;
	json_t *doc; /* the snapshot it was made from; owned */
	struct slice id, title;
	struct slice account; /* absent: the stack's */
	struct gw_node *root;
	struct slice *binary; /* binary media types */
	size_t binary_n;
	bool closed; /* disableExecuteApiEndpoint */
	size_t read_bytes; /* of the templates so far */
};
void gw_api_free(struct gw_api *api);

/* ---- route.c ---- */
struct gw_match {
	const struct gw_node *node;
	const struct gw_method *method;
	struct vtl_pair values[GW_PARAMS_MAX]; /* path parameters, as sent, not decoded */
	size_t value_n;
};
/* Index of a method name in any case ("x-amazon-apigateway-any-method" and "ANY" too); GW_METHOD_N: none. */
enum gw_method_index gw_method_of(struct slice name);
/* The node of a resource path, made with its parents when missing. Errors: INVALID, LIMIT. */
int gw_resource(struct gw_api *api, struct slice path, struct gw_node **out, struct error *err) WARN_UNUSED;
/* Finds the most specific resource that has the method or ANY; path begins with "/" or is empty, not decoded. */
bool gw_route(const struct gw_api *api, struct slice method, struct slice path, struct gw_match *out) WARN_UNUSED;
/* Whether a resource at the API's root is called as the path's first segment. */
bool gw_route_owns(const struct gw_api *api, struct slice path);

/* ---- stage.c ---- */
/* A stage as it runs; made from documents when first called, and anew after they changed. */
struct gw_stage {
	struct gw_stage *next;
	struct arena arena;
	struct slice api_id, name;
	struct gw_api *api, *canary; /* canary NULL: none */
	struct vtl_pair *vars, *canary_vars;
	size_t var_n, canary_var_n;
	double canary_percent;
	uint64_t asked; /* calls so far, for the canary's share */
	json_t *doc;    /* the stage's document; owned */
	size_t calls;   /* under way */
	bool dead;      /* replaced: freed with the last call */
};
/* Takes the stages of an API off: what runs goes on, and is freed when it has ended. */
void gw_stages_drop(struct gateway *g, const char *api);
/* A call of the stage ended; NULL: of none. */
void gw_stage_done(struct gateway *g, struct gw_stage *st);
void gw_stages_free(struct gateway *g);

/* ---- json.c ---- */
/* A user's text as a value, within the bounds of its kind; NULL: INVALID with the line and reason, LIMIT. */
enum gw_text { GW_DOCUMENT, GW_BODY };
json_t *gw_json(struct slice text, enum gw_text kind, struct error *err);

/* ---- headers.c ---- */
/* The first header of that name in any case; absent: none. */
struct slice gw_header(const struct http_header *h, size_t n, struct slice name);
/* Whether templates see a client's header. */
bool gw_header_is_seen(struct slice name);
/* Whether a client's header reaches an HTTP_PROXY backend. */
bool gw_header_goes_in(struct slice name);
/* Whether a mapping may set this header of a request to an integration of that type; false: the call fails with 500. */
bool gw_header_may_map(enum gw_type type, struct slice name);
/* Whether a header that a mapping sets reaches the backend. */
bool gw_header_map_goes_in(enum gw_type type, struct slice name);
enum gw_pass { GW_PASS, GW_REMAP, GW_DROP };
/* What becomes of a backend's or mapped response header; REMAP: its name gets x-amzn-Remapped- in front. */
enum gw_pass gw_header_goes_out(struct slice name);

#endif
