/* Operations of the API that aren't served: they are refused by their names, so a log says what was asked for. */
#include "s3.h"

static const struct unserved {
	const char *method, *query, *name;
} all[] = {
	{ "POST", "select", "SelectObjectContent" },
	{ "PUT", "renameObject", "RenameObject" },
	{ "GET", "torrent", "GetObjectTorrent" },
	{ "GET", "session", "CreateSession" },
	{ "GET", "abac", "GetBucketAbac" },
	{ "PUT", "abac", "PutBucketAbac" },
	{ "POST", "metadataTable", "CreateBucketMetadataTableConfiguration" },
	{ "GET", "metadataTable", "GetBucketMetadataTableConfiguration" },
	{ "DELETE", "metadataTable", "DeleteBucketMetadataTableConfiguration" },
	{ "POST", "metadataConfiguration", "CreateBucketMetadataConfiguration" },
	{ "GET", "metadataConfiguration", "GetBucketMetadataConfiguration" },
	{ "DELETE", "metadataConfiguration", "DeleteBucketMetadataConfiguration" },
	{ "PUT", "metadataInventoryTable", "UpdateBucketMetadataInventoryTableConfiguration" },
	{ "PUT", "metadataJournalTable", "UpdateBucketMetadataJournalTableConfiguration" },
};

const char *s3_unserved(const struct s3_req *r)
{
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (sl_eqs(r->http->method, all[i].method) && http_query(r->http, all[i].query).p)
			return all[i].name;
	return NULL;
}
