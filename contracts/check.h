/* What check.c (a contract's parts) and check_list.c (lists) share. Internal to contracts/. */
#ifndef CONTRACTS_CHECK_H
#define CONTRACTS_CHECK_H

#include "contracts/arena.h"
#include "contracts/tree.h"

struct check {
	struct contracts_arena *arena;
	struct contracts_report *report;
	struct tree *tree;
	bool no_memory;
};

/* Once, before the others: the named sets. */
void check_sets(struct check *check);
/* A list as codes or texts of the domain; sets are looked up. False: reported, or no memory. */
bool check_list(struct check *check, struct tree_domain domain, struct tree_list list, struct tree_elements *out);

#endif
