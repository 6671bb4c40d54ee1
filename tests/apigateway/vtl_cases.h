/* Template, body, output (NULL: an error). Outputs as Velocity 1.7 with the gateway's two differences gives them. */
static const struct vtl_case {
	const char *template, *body, *expected;
} vtl_cases[] = {
	{ "$input.params('x-trace')|$input.params('X-Trace')", NULL, "t1|t1" },
	{ "$context.identity.sourceIp", NULL, "127.0.0.1" },
};
