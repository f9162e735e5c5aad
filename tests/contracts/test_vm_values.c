/* Arithmetic, truth and calendar of the machine: docs/formats/contract-code.md, §3. The reference for arithmetic is 128
 * bits wide; for the calendar it counts day by day, and takes values from Python's datetime. */
#include "tests/support/support.h"

#include "contracts/vm_ops.h"

#include <stdlib.h>
#include <string.h>

__extension__ typedef __int128 wide;

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))
#define END BYTECODE_INSTANT_END
#define DAY_MS INT64_C(86400000)
#define NOW INT64_C(1700000000000)
#define OVERFLOW CONTRACTS_FAULT(CONTRACTS_FAULT_OVERFLOW, 0)
#define IMPRECISE CONTRACTS_FAULT(CONTRACTS_FAULT_IMPRECISE, 0)
#define GAS CONTRACTS_FAULT(CONTRACTS_FAULT_GAS, 0)

/* ---- Arithmetic and truth ----------------------------------------------- */

static const int64_t edges[] = {INT64_MIN, INT64_MIN + 1, -END, -86400001, -3037000500, -12000, -2, -1, 0, 1, 2, 12000,
				3037000499, 3037000500, END - 1, END, END + 1, INT64_MAX - 1, INT64_MAX};

static void check_wide(struct program_value got, wide want, wide least, wide most)
{
	if (want < least || want > most) {
		ck_assert_uint_eq(got.fault, OVERFLOW);
	} else {
		ck_assert_uint_eq(got.fault, 0);
		ck_assert(got.value == want);
	}
}

START_TEST(arithmetic_is_that_of_wider_numbers)
{
	for (int i = 0; i < COUNT(edges); i++) {
		for (int j = 0; j < COUNT(edges); j++) {
			struct program_value a = vm_known(edges[i]), b = vm_known(edges[j]);
			wide x = edges[i], y = edges[j];

			check_wide(vm_add(a, b), x + y, INT64_MIN, INT64_MAX);
			check_wide(vm_sub(a, b), x - y, INT64_MIN, INT64_MAX);
			check_wide(vm_mul(a, b), x * y, INT64_MIN, INT64_MAX);
			check_wide(vm_later(a, b), x + y, 0, END - 1);
			check_wide(vm_earlier(a, b), x - y, 0, END - 1);
		}
	}
}
END_TEST

/* Of two faults the smaller, whichever comes first; and an operation's own only where operands have none. */
START_TEST(faults_when_two_are_there_the_smaller_stays)
{
	static const contracts_fault faults[] = {0, 257, 258, OVERFLOW, IMPRECISE, 0x4ff, GAS};

	for (int i = 0; i < COUNT(faults); i++) {
		for (int j = 0; j < COUNT(faults); j++) {
			struct program_value a = {.value = INT64_MAX, .fault = faults[i]}, b = {.value = 7, .fault = faults[j]};
			contracts_fault want = faults[i] == 0                    ? faults[j]
					       : faults[j] == 0                  ? faults[i]
					       : faults[i] < faults[j] ? faults[i]
								       : faults[j];

			ck_assert_uint_eq(vm_fault_of(faults[i], faults[j]), want);
			ck_assert_uint_eq(vm_add(a, b).fault, want != 0 ? want : OVERFLOW);
			ck_assert_uint_eq(vm_mul(b, a).fault, want != 0 ? want : OVERFLOW);
			ck_assert_uint_eq(vm_later(a, b).fault, want != 0 ? want : OVERFLOW);
			ck_assert_uint_eq(vm_earlier(b, a).fault, want != 0 ? want : OVERFLOW);
			ck_assert_uint_eq(vm_sub(a, b).fault, want);
			ck_assert_uint_eq(vm_result(a, b, 0).fault, want);
			ck_assert_uint_eq(vm_months(a, 1).fault, faults[i] != 0 ? faults[i] : OVERFLOW);
			ck_assert_uint_eq(vm_not(a).fault, faults[i]);
		}
	}
}
END_TEST

/* A truth written as a letter: false, true, or not known, for two reasons. */
static struct program_value truth(char c)
{
	return c == 'f' ? vm_known(0) : c == 't' ? vm_known(1) : (struct program_value){.value = c & 1, .fault = c == 'u' ? 257 : 300};
}

static char letter(struct program_value x)
{
	return x.fault == 257 ? 'u' : x.fault == 300 ? 'v' : x.fault == IMPRECISE ? 'i' : x.value != 0 ? 't' : 'f';
}

static const struct {
	char a, b, and, or, same;
} truths[] = {
	{'f', 'f', 'f', 'f', 'f'}, {'f', 't', 'f', 't', 'i'}, {'t', 't', 't', 't', 't'}, {'f', 'u', 'f', 'u', 'u'},
	{'t', 'u', 'u', 't', 'u'}, {'u', 'u', 'u', 'u', 'u'}, {'u', 'v', 'u', 'u', 'u'}, {'v', 'v', 'v', 'v', 'v'},
	{'f', 'v', 'f', 'v', 'v'}, {'t', 'v', 'v', 't', 'v'},
};

START_TEST(truth_has_three_values_whichever_side_comes_first)
{
	for (int i = 0; i < COUNT(truths); i++) {
		struct program_value a = truth(truths[i].a), b = truth(truths[i].b);

		ck_assert_int_eq(letter(vm_and(a, b)), truths[i].and);
		ck_assert_int_eq(letter(vm_and(b, a)), truths[i].and);
		ck_assert_int_eq(letter(vm_or(a, b)), truths[i].or);
		ck_assert_int_eq(letter(vm_or(b, a)), truths[i].or);
		ck_assert_int_eq(letter(vm_same(a, b)), truths[i].same);
		ck_assert_int_eq(letter(vm_same(b, a)), truths[i].same);
	}
	ck_assert_int_eq(letter(vm_not(truth('f'))), 't');
	ck_assert_int_eq(letter(vm_not(truth('t'))), 'f');
	ck_assert_int_eq(letter(vm_not(truth('v'))), 'v');
}
END_TEST

/* Values of Python's datetime and calendar.monthrange: instant, months, instant so much later; -1: outside of 1970 to
 * 9999. */
static const struct {
	int64_t instant;
	int months;
	int64_t after;
} months[] = {
	{INT64_C(1706745599999), 1, INT64_C(1709251199999)}, /* 2024-01-31 -> 2024-02-29 */
	{INT64_C(1675209599999), 1, INT64_C(1677628799999)}, /* 2023-01-31 -> 2023-02-28 */
	{INT64_C(1709164800000), 12, INT64_C(1740700800000)}, /* 2024-02-29 -> 2025-02-28 */
	{INT64_C(1709164800000), 48, INT64_C(1835395200000)}, /* 2024-02-29 -> 2028-02-29 */
	{INT64_C(1680307199999), -1, INT64_C(1677628799999)}, /* 2023-03-31 -> 2023-02-28 */
	{INT64_C(1711929599999), -1, INT64_C(1709251199999)}, /* 2024-03-31 -> 2024-02-29 */
	{INT64_C(951782400000), 1200, INT64_C(4107456000000)}, /* 2000-02-29 -> 2100-02-28 */
	{INT64_C(4102358400000), 2, INT64_C(4107456000000)}, /* 2099-12-31 -> 2100-02-28 */
	{INT64_C(4107456000000), 12, INT64_C(4138992000000)}, /* 2100-02-28 -> 2101-02-28 */
	{INT64_C(86399999), -1, INT64_C(-1)}, /* 1970-01-01 -> none */
	{INT64_C(2592000000), 0, INT64_C(2592000000)}, /* 1970-01-31 -> 1970-01-31 */
	{INT64_C(2764799999), -1, INT64_C(86399999)}, /* 1970-02-01 -> 1970-01-01 */
	{INT64_C(253399622399999), 1, INT64_C(253402214399999)}, /* 9999-11-30 -> 9999-12-30 */
	{INT64_C(253399708799999), 1, INT64_C(-1)}, /* 9999-12-01 -> none */
	{INT64_C(253402214400000), 0, INT64_C(253402214400000)}, /* 9999-12-31 -> 9999-12-31 */
	{INT64_C(1795305600000), 12000, INT64_C(33352214400000)}, /* 2026-11-22 -> 3026-11-22 */
	{INT64_C(1798675200000), -12, INT64_C(1767139200000)}, /* 2026-12-31 -> 2025-12-31 */
	{INT64_C(13574563200000), -4800, INT64_C(951782400000)}, /* 2400-02-29 -> 2000-02-29 */
	{INT64_C(946598400000), 2, INT64_C(951782400000)}, /* 1999-12-31 -> 2000-02-29 */
	{INT64_C(1819670400000), 6, INT64_C(1835395200000)}, /* 2027-08-31 -> 2028-02-29 */
	{INT64_C(161014828921821), 1860, INT64_C(165906105721821)}, /* 7072-05-10 -> 7227-05-10 */
	{INT64_C(168569082293015), 23, INT64_C(168629562293015)}, /* 7311-09-29 -> 7313-08-29 */
	{INT64_C(167759099452228), -23, INT64_C(167698619452228)}, /* 7286-01-27 -> 7284-02-27 */
	{INT64_C(98450221686772), -1947, INT64_C(93329984886772)}, /* 5089-10-06 -> 4927-07-06 */
	{INT64_C(56031647111488), -19, INT64_C(55981707911488)}, /* 3745-07-28 -> 3743-12-28 */
	{INT64_C(35876041273074), -2, INT64_C(35870770873074)}, /* 3106-11-13 -> 3106-09-13 */
	{INT64_C(251351279312759), 19, INT64_C(251401218512759)}, /* 9935-01-03 -> 9936-08-03 */
	{INT64_C(225513283629882), 208, INT64_C(226060282029882)}, /* 9116-03-26 -> 9133-07-26 */
	{INT64_C(161738405183155), 10630, INT64_C(189692779583155)}, /* 7095-04-15 -> 7981-02-15 */
	{INT64_C(77220912478092), -4, INT64_C(77210371678092)}, /* 4417-01-12 -> 4416-09-12 */
	{INT64_C(68197465340755), -11, INT64_C(68168348540755)}, /* 4131-02-03 -> 4130-03-03 */
	{INT64_C(154091075751749), -1844, INT64_C(149241702951749)}, /* 6852-12-13 -> 6699-04-13 */
	{INT64_C(124301994385033), -65, INT64_C(124130922385033)}, /* 5908-12-22 -> 5903-07-22 */
	{INT64_C(45507605584143), 1888, INT64_C(50472495184143)}, /* 3412-01-30 -> 3569-05-30 */
	{INT64_C(92448175224983), 1724, INT64_C(96981756024983)}, /* 4899-07-26 -> 5043-03-26 */
	{INT64_C(149548783976774), -1259, INT64_C(146237935976774)}, /* 6709-01-05 -> 6604-02-05 */
	{INT64_C(246910307174668), -3937, INT64_C(236556908774668)}, /* 9794-04-11 -> 9466-03-11 */
	{INT64_C(89044838019537), 5193, INT64_C(102701135619537)}, /* 4791-09-20 -> 5224-06-20 */
	{INT64_C(27953991697797), -2306, INT64_C(21889748497797)}, /* 2855-10-29 -> 2663-08-29 */
	{INT64_C(244475739982167), 4806, INT64_C(-1)}, /* 9717-02-16 -> none */
	{INT64_C(237314839228595), -13, INT64_C(237280884028595)}, /* 9490-03-17 -> 9489-02-17 */
	{INT64_C(80784647320174), -11, INT64_C(80755789720174)}, /* 4529-12-18 -> 4529-01-18 */
	{INT64_C(162019913514023), 0, INT64_C(162019913514023)}, /* 7104-03-17 -> 7104-03-17 */
	{INT64_C(20948874809283), 29, INT64_C(21025079609283)}, /* 2633-11-04 -> 2636-04-04 */
	{INT64_C(191450782148470), -134, INT64_C(191098356548470)}, /* 8036-10-31 -> 8025-08-31 */
	{INT64_C(109035684276897), 8916, INT64_C(132482570676897)}, /* 5425-03-16 -> 6168-03-16 */
	{INT64_C(86380491125053), 16, INT64_C(86422654325053)}, /* 4707-04-17 -> 4708-08-17 */
	{INT64_C(162978321511718), -20, INT64_C(162925790311718)}, /* 7134-07-31 -> 7132-11-30 */
	{INT64_C(15197540369121), 1776, INT64_C(19867978769121)}, /* 2451-08-04 -> 2599-08-04 */
	{INT64_C(220306591687739), 821, INT64_C(222465641287739)}, /* 8951-03-28 -> 9019-08-28 */
	{INT64_C(82132395180426), -12, INT64_C(82100772780426)}, /* 4572-09-02 -> 4571-09-02 */
	{INT64_C(29112292170525), 8544, INT64_C(51580784970525)}, /* 2892-07-12 -> 3604-07-12 */
	{INT64_C(224353348975337), -885, INT64_C(222026078575337)}, /* 9079-06-23 -> 9005-09-23 */
	{INT64_C(202178054687961), -9933, INT64_C(176056829087961)}, /* 8376-10-07 -> 7549-01-07 */
	{INT64_C(179584996606155), -512, INT64_C(178238625406155)}, /* 7660-10-27 -> 7618-02-27 */
	{INT64_C(182144802495324), -916, INT64_C(179735970495324)}, /* 7741-12-09 -> 7665-08-09 */
	{INT64_C(185094506443877), 11, INT64_C(185123450443877)}, /* 7835-05-31 -> 7836-04-30 */
	{INT64_C(122622974447349), 10008, INT64_C(148941537647349)}, /* 5855-10-08 -> 6689-10-08 */
	{INT64_C(74685849458100), -3026, INT64_C(66728236658100)}, /* 4336-09-13 -> 4084-07-13 */
	{INT64_C(190748350982264), 1563, INT64_C(194858744582264)}, /* 8014-07-29 -> 8144-10-29 */
};

START_TEST(months_are_the_calendars)
{
	for (int i = 0; i < COUNT(months); i++) {
		int64_t after = -1;

		ck_assert_int_eq(contracts_months_after(months[i].instant, months[i].months, &after), months[i].after >= 0);
		ck_assert_int_eq(after, months[i].after);
	}
}
END_TEST

/* Every day from 1970 to 9999, counted one by one. */
START_TEST(months_of_every_day_are_those_of_counting)
{
	static int64_t first[8030 * 12 + 1]; /* day on which a month begins */
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	static const int steps[] = {0, 1, -1, 6, 11, -12, 12, 13, 599, -4800};
	int count = 0, wrong = 0;

	for (int year = 1970; year < 10000; year++)
		for (int month = 0; month < 12; month++, count++)
			first[count + 1] = first[count] + lengths[month] +
					   (month == 1 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
	ck_assert_int_eq(first[count] * DAY_MS, END);
	for (int month = 0; month < count; month++) {
		for (int64_t day = first[month]; day < first[month + 1]; day++) {
			int step = steps[day % COUNT(steps)], to = month + step;
			int64_t of_month = day - first[month], time = day * DAY_MS + day % DAY_MS, after = 0;
			bool there = to >= 0 && to < count;

			wrong += contracts_months_after(time, step, &after) != there;
			if (there && of_month >= first[to + 1] - first[to])
				of_month = first[to + 1] - first[to] - 1;
			wrong += there && after != (first[to] + of_month) * DAY_MS + day % DAY_MS;
		}
	}
	ck_assert_int_eq(wrong, 0);
}
END_TEST

START_TEST(months_when_not_within_years_are_none)
{
	static const struct {
		int64_t instant, months;
	} none[] = {{-1, 1}, {END, -1}, {INT64_MIN, 1}, {INT64_MAX, -1}, {0, INT64_MAX}, {0, INT64_MIN}, {NOW, 120001}, {NOW, -9000}};
	int64_t after = 5;

	for (int i = 0; i < COUNT(none); i++)
		ck_assert(!contracts_months_after(none[i].instant, none[i].months, &after));
	ck_assert_int_eq(after, 5);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, arithmetic_is_that_of_wider_numbers);
	tcase_add_test(tc, faults_when_two_are_there_the_smaller_stays);
	tcase_add_test(tc, truth_has_three_values_whichever_side_comes_first);
	tcase_add_test(tc, months_are_the_calendars);
	tcase_add_test(tc, months_of_every_day_are_those_of_counting);
	tcase_add_test(tc, months_when_not_within_years_are_none);
}

int main(void)
{
	return support_run("contracts vm values", fill);
}
