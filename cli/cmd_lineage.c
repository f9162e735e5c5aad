/* lineage: what an item was made from, and what was made from it: as a tree, JSON, or a picture. */
#include <graphviz/gvc.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

#define NODES_MAX 10000
#define DEPTH_MAX 64

struct node {
	struct base_hash id; /* event */
	uint64_t item;
	uint64_t index; /* leaf */
	char category[32], author[160], time[BASE_TIME_TEXT_BYTES], who[160], cid[WIRE_CID_TEXT_BYTES];
	const char *kind, *state;
};
struct edge {
	size_t from, to; /* from: input */
	const char *how; /* "derived", "corrected by" */
};
struct graph {
	struct cli_session *s;
	struct node *nodes;
	size_t node_count, node_cap;
	struct edge *edges;
	size_t edge_count, edge_cap;
	bool cut;
};

/* ---- Building ---- */

struct pick {
	struct node *node;
	struct cli_session *s;
};

static bool fill_item(void *arg, size_t index, const struct events_item *item)
{
	struct pick *pick = arg;
	const struct events_code *category = events_code_by_number(events_codes_of(EVENTS_CATEGORIES), item->category);

	BASE_ASSERT(pick->node != NULL);
	if (index != pick->node->item)
		return true;
	snprintf(pick->node->category, sizeof(pick->node->category), "%s", category != NULL ? category->name : "unknown");
	wire_cid_text(pick->node->cid, &item->cid);
	cli_participant_words(pick->s, item->participant, pick->node->who, sizeof(pick->node->who));
	return false;
}

/* The node of an item; *fresh if it was not there yet. */
static enum base_code take_node(struct graph *g, uint64_t index, uint64_t item, size_t *out, bool *fresh, struct base_error *err)
{
	struct chain_entry entry;
	struct events_event event;
	struct node *node = NULL;
	struct pick pick;
	enum base_code code;

	*fresh = false;
	for (*out = 0; *out < g->node_count; ++*out)
		if (g->nodes[*out].index == index && g->nodes[*out].item == item)
			return BASE_OK;
	if ((code = cli_event_at(g->s, index, &entry, &event, err)) != BASE_OK)
		return code;
	if (g->node_count == g->node_cap) {
		g->node_cap = g->node_cap == 0 ? 64 : g->node_cap * 2;
		g->nodes = base_realloc(g->nodes, g->node_cap * sizeof(*g->nodes));
	}
	node = &g->nodes[g->node_count++];
	*node = (struct node){.id = event.id, .item = item, .index = index, .kind = event.envelope.kind->name};
	snprintf(node->author, sizeof(node->author), "%.*s", (int)event.cose.issuer.len, (const char *)event.cose.issuer.data);
	base_time_format(node->time, entry.time, 0);
	pick = (struct pick){node, g->s};
	events_items(&event, fill_item, &pick);
	node->state = cli_item_state(g->s, &event, (size_t)item);
	*fresh = true;
	return BASE_OK;
}

static void take_edge(struct graph *g, size_t from, size_t to, const char *how)
{
	for (size_t i = 0; i < g->edge_count; i++)
		if (g->edges[i].from == from && g->edges[i].to == to)
			return;
	if (g->edge_count == g->edge_cap) {
		g->edge_cap = g->edge_cap == 0 ? 64 : g->edge_cap * 2;
		g->edges = base_realloc(g->edges, g->edge_cap * sizeof(*g->edges));
	}
	g->edges[g->edge_count++] = (struct edge){from, to, how};
}

static struct base_slice item_refs(const struct events_event *event, uint64_t *count, struct wire_reader *r)
{
	struct base_slice body = event->envelope.body;

	*count = 0;
	if (event->envelope.kind->id == EVENTS_DATA_DERIVE && events_find(body, 4, r))
		*count = wire_get_array(r);
	else if (event->envelope.kind->id == EVENTS_DATA_CORRECT && events_find(body, 1, r))
		*count = 1;
	return body;
}

static const char *relation(const struct events_event *event)
{
	return event->envelope.kind->id == EVENTS_DATA_CORRECT ? "corrected by" : "derived";
}

static enum base_code ancestors(struct graph *g, size_t at, unsigned depth, struct base_error *err)
{
	struct chain_entry entry;
	struct events_event event;
	struct wire_reader r;
	uint64_t count;
	enum base_code code = cli_event_at(g->s, g->nodes[at].index, &entry, &event, err);

	if (code != BASE_OK)
		return code;
	if (depth == DEPTH_MAX || g->node_count >= NODES_MAX) {
		g->cut = true;
		return BASE_OK;
	}
	(void)item_refs(&event, &count, &r);
	for (; count > 0 && !r.failed && code == BASE_OK; count--) {
		struct base_hash id;
		uint64_t item, index;
		size_t parent;
		bool fresh;

		wire_expect_array(&r, 2);
		id = wire_get_hash(&r);
		item = wire_get_uint(&r);
		code = chain_read_find(g->s->read, &id, &index, err);
		if (code == BASE_OK)
			code = take_node(g, index, item, &parent, &fresh, err);
		if (code == BASE_OK)
			take_edge(g, parent, at, relation(&event));
		if (code == BASE_OK && fresh)
			code = ancestors(g, parent, depth + 1, err);
	}
	return code;
}

static bool names_item(const struct events_event *event, const struct node *node)
{
	struct wire_reader r;
	uint64_t count;

	(void)item_refs(event, &count, &r);
	for (; count > 0 && !r.failed; count--) {
		struct base_hash id;

		wire_expect_array(&r, 2);
		id = wire_get_hash(&r);
		if (wire_get_uint(&r) == node->item && base_hash_equal(&id, &node->id))
			return true;
	}
	return false;
}

static enum base_code descendants(struct graph *g, size_t at, unsigned depth, struct base_error *err)
{
	struct node self = g->nodes[at];
	uint64_t *indices = NULL;
	size_t count = 0;
	enum base_code code = chain_read_postings(g->s->read, state_term_item(&self.id, self.item), &indices, &count, err);

	for (size_t i = 0; i < count && code == BASE_OK; i++) {
		struct chain_entry entry;
		struct events_event event;
		struct state_outcome outcome;
		bool denied = true;

		if (depth == DEPTH_MAX || g->node_count >= NODES_MAX) {
			g->cut = true;
			break;
		}
		code = cli_event_at(g->s, indices[i], &entry, &event, err);
		if (code == BASE_OK && (code = state_outcome_decode(&outcome, entry.outcome, err)) == BASE_OK) {
			denied = outcome.verdict == STATE_DENY;
			state_outcome_free(&outcome);
		}
		if (code != BASE_OK || denied || !names_item(&event, &self))
			continue;
		for (size_t item = 0; item < events_item_count(&event) && code == BASE_OK; item++) {
			size_t child;
			bool fresh;

			code = take_node(g, indices[i], item, &child, &fresh, err);
			if (code == BASE_OK)
				take_edge(g, at, child, relation(&event));
			if (code == BASE_OK && fresh)
				code = descendants(g, child, depth + 1, err);
		}
	}
	free(indices);
	return code;
}

/* ---- Showing ---- */

/* Fit for a terminal: the site's own numbers stand in it with --names. */
static void label(const struct node *node, char *out, size_t cap)
{
	struct base_buf shown = BASE_BUF_INIT;
	const char *what;
	char hex[13];

	BASE_ASSERT(node != NULL);
	what = node->category[0] != '\0' ? node->category : node->kind;
	base_hex(hex, base_slice(node->id.bytes, 6));
	if (strcmp(node->who, "-") == 0 || node->who[0] == '\0')
		snprintf(out, cap, "%s#%llu  %s, %s, %s", hex, (unsigned long long)node->item, what, node->author, node->time);
	else
		snprintf(out, cap, _("%s#%llu  %s data of %s, %s, %s"), hex, (unsigned long long)node->item, what, node->who, node->author,
			 node->time);
	base_printable(&shown, base_slice_text(out));
	snprintf(out, cap, "%.*s", (int)shown.len, (const char *)shown.data);
	base_buf_free(&shown);
}

static void print_tree(const struct graph *g, size_t at, bool down, const char *indent, unsigned depth)
{
	size_t left = 0;

	if (depth > DEPTH_MAX)
		return;
	for (size_t i = 0; i < g->edge_count; i++)
		left += (down ? g->edges[i].from : g->edges[i].to) == at;
	for (size_t i = 0; i < g->edge_count; i++) {
		char text[512];
		char deeper[DEPTH_MAX * 6 + 16];
		size_t other = down ? g->edges[i].to : g->edges[i].from;

		if ((down ? g->edges[i].from : g->edges[i].to) != at)
			continue;
		left--;
		label(&g->nodes[other], text, sizeof(text));
		printf("%s%s %s%s\n", indent, left == 0 ? "└─" : "├─", text,
		       strcmp(g->edges[i].how, "derived") == 0 ? "" : down ? _("  (corrects it)") : _("  (was corrected)"));
		snprintf(deeper, sizeof(deeper), "%s%s", indent, left == 0 ? "   " : "│  ");
		print_tree(g, other, down, deeper, depth + 1);
	}
}

static void print_side(const struct graph *g, bool down, const char *heading, const char *none)
{
	bool any = false;

	for (size_t i = 0; i < g->edge_count; i++)
		any = any || (down ? g->edges[i].from : g->edges[i].to) == 0;
	printf("%s\n", any ? heading : none);
	print_tree(g, 0, down, "", 0);
}

static json_t *graph_json(const struct graph *g)
{
	json_t *nodes = json_array();
	json_t *edges = json_array();

	for (size_t i = 0; i < g->node_count; i++) {
		const struct node *n = &g->nodes[i];

		json_array_append_new(nodes, json_pack("{s:o, s:I, s:s, s:s, s:s, s:s, s:s, s:s}", "event", cli_json_hex(base_hash_slice(&n->id)), "item",
						       (json_int_t)n->item, "kind", n->kind, "category", n->category, "author", n->author, "time",
						       n->time, "state", n->state, "cid", n->cid));
	}
	for (size_t i = 0; i < g->edge_count; i++)
		json_array_append_new(edges, json_pack("{s:I, s:I, s:s}", "from", (json_int_t)g->edges[i].from, "to", (json_int_t)g->edges[i].to,
						       "how", g->edges[i].how));
	return json_pack("{s:i, s:o, s:o, s:b}", "of", 0, "items", nodes, "edges", edges, "complete", !g->cut);
}

static void set(void *thing, const char *name, const char *value)
{
	char attribute[32], text[768], empty[1] = "";

	snprintf(attribute, sizeof(attribute), "%s", name);
	snprintf(text, sizeof(text), "%s", value);
	agsafeset(thing, attribute, text, empty);
}

static enum base_code draw(const struct graph *g, const char *path, struct base_error *err)
{
	char graph_name[] = "lineage", layout[] = "dot", format[] = "svg";
	GVC_t *context = gvContext();
	Agraph_t *graph = agopen(graph_name, Agdirected, NULL);
	Agnode_t **nodes = base_alloc((g->node_count + 1) * sizeof(*nodes));
	char *svg = NULL;
	unsigned length = 0;
	enum base_code code = BASE_OK;

	set(graph, "rankdir", "LR");
	for (size_t i = 0; i < g->node_count; i++) {
		const struct node *n = &g->nodes[i];
		char name[32], text[512], hex[13];

		snprintf(name, sizeof(name), "n%zu", i);
		base_hex(hex, base_slice(n->id.bytes, 6));
		/* Codes and times alone: nothing in it needs escaping in DOT, and Graphviz escapes XML itself. */
		snprintf(text, sizeof(text), "%s\n%s#%llu\n%s\n%s", n->category[0] != '\0' ? n->category : n->kind, hex, (unsigned long long)n->item,
			 n->author, n->time);
		nodes[i] = agnode(graph, name, 1);
		set(nodes[i], "label", text);
		set(nodes[i], "shape", "box");
		set(nodes[i], "fontname", "Helvetica");
		set(nodes[i], "fontsize", "11");
		set(nodes[i], "style", i == 0 ? "bold" : "solid");
	}
	for (size_t i = 0; i < g->edge_count; i++) {
		Agedge_t *edge = agedge(graph, nodes[g->edges[i].from], nodes[g->edges[i].to], NULL, 1);

		if (strcmp(g->edges[i].how, "derived") != 0) {
			set(edge, "label", g->edges[i].how);
			set(edge, "style", "dashed");
		}
	}
	if (gvLayout(context, graph, layout) != 0 || gvRenderData(context, graph, format, &svg, &length) != 0)
		code = base_fail(err, BASE_IO, "Graphviz cannot draw the picture; is its package with the dot plugin complete?");
	if (code == BASE_OK)
		code = base_file_write(path, base_slice(svg, length), 0644, true, err);
	if (svg != NULL)
		gvFreeRenderData(svg);
	gvFreeLayout(context, graph);
	agclose(graph);
	gvFreeContext(context);
	free(nodes);
	return code;
}

static enum base_code build(struct graph *g, const char *what, struct base_error *err)
{
	struct chain_entry entry;
	struct events_event event;
	uint64_t index;
	int64_t item;
	size_t root;
	bool fresh;
	enum base_code code = cli_resolve(g->s, what, &index, &item, err);

	if (code == BASE_OK)
		code = cli_event_at(g->s, index, &entry, &event, err);
	if (code != BASE_OK)
		return code;
	if (item < 0 && events_item_count(&event) == 1)
		item = 0;
	if (item < 0)
		return base_fail(err, BASE_USAGE, "%.80s has %zu items; say which: %.12s#0", what, events_item_count(&event), what);
	code = take_node(g, index, (uint64_t)item, &root, &fresh, err);
	if (code == BASE_OK)
		code = ancestors(g, root, 0, err);
	if (code == BASE_OK)
		code = descendants(g, root, 0, err);
	return code;
}

static enum base_code run_lineage(struct cli *cli, struct base_error *err)
{
	struct cli_session s;
	struct graph g = {.s = &s};
	struct base_error ignored;
	const char *svg = cli_get(cli, "svg");
	enum base_code code = cli_session_open(&s, cli, cli_has(cli, "names") ? CLI_IDENTITY : CLI_READ, err);

	if (code != BASE_OK)
		return code;
	if (s.identity.count > 0)
		(void)!cli_session_register(&s, &ignored);
	code = build(&g, cli->argv[0], err);
	if (code == BASE_OK && svg != NULL)
		code = draw(&g, svg, err);
	if (code == BASE_OK && cli->json) {
		cli_print_json(graph_json(&g));
	} else if (code == BASE_OK) {
		char text[512];

		label(&g.nodes[0], text, sizeof(text));
		printf("%s%s%s\n", cli_style(cli, CLI_BOLD), text, cli_style(cli, CLI_PLAIN));
		print_side(&g, false, _("was made from"), _("was made from nothing that the ledger knows"));
		print_side(&g, true, _("of it was made"), _("of it was made nothing that the ledger knows"));
		if (g.cut)
			cli_warn(cli, "the lineage goes on; it was cut at %d items or %d steps", NODES_MAX, DEPTH_MAX);
	}
	free(g.nodes);
	free(g.edges);
	cli_session_close(&s);
	return code;
}

static const struct cli_option lineage_options[] = {
	{"svg", "FILE", "draw it as a picture too", false},
	{"names", NULL, "show participants by the site's own numbers (needs your key and the register)", false},
	{NULL, NULL, NULL, false},
};
const struct cli_command cli_cmd_lineage[] = {
	{"lineage", "Asking", "ITEM|CID", "show what an item was made from, and what was made from it", NULL,
	 "regesta lineage 3f2a91c07d11#0 --svg lineage.svg", lineage_options, 1, 1, run_lineage},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
