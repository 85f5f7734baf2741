/*
 * arp_state.c: the arrows of a neighbour's life.
 */
#include "arp_state.h"
#include "words.h"

const struct arp_arrow arp_arrows[] = {
    {ARP_NONE, ARP_INCOMPLETE, "a packet needs the address", "RFC 826",
        RULE_ARP_REQUEST},
    {ARP_NONE, ARP_STALE, "the neighbour asks for us", "RFC 826",
        RULE_ARP_MERGE},
    {ARP_INCOMPLETE, ARP_REACHABLE, "the answer", "RFC 826", RULE_ARP_REPLY},
    {ARP_INCOMPLETE, ARP_STALE, "the neighbour asks for us", "RFC 826",
        RULE_ARP_MERGE},
    {ARP_INCOMPLETE, ARP_FAILED, "three questions unanswered", "RFC 4861 7.3.3",
        RULE_ARP_FAILED},
    {ARP_REACHABLE, ARP_STALE, "30 s without confirmation", "RFC 1122 2.3.2.1",
        RULE_ARP_STALE},
    {ARP_REACHABLE, ARP_STALE, "it asks from a new address", "RFC 826",
        RULE_ARP_MERGE},
    {ARP_STALE, ARP_DELAY, "a packet is sent there", "RFC 4861 7.3.3",
        RULE_ARP_DELAY},
    {ARP_DELAY, ARP_REACHABLE, "the storey above confirms", "RFC 1122 2.3.2.1",
        RULE_ARP_CONFIRM},
    {ARP_DELAY, ARP_PROBE, "5 s without confirmation", "RFC 4861 7.3.3",
        RULE_ARP_PROBE},
    {ARP_DELAY, ARP_STALE, "it asks from a new address", "RFC 826",
        RULE_ARP_MERGE},
    {ARP_REACHABLE, ARP_PROBE, "the storey above gets no answers",
        "RFC 1122 3.3.1.4", RULE_ARP_DOUBT},
    {ARP_STALE, ARP_PROBE, "the storey above gets no answers",
        "RFC 1122 3.3.1.4", RULE_ARP_DOUBT},
    {ARP_DELAY, ARP_PROBE, "the storey above gets no answers",
        "RFC 1122 3.3.1.4", RULE_ARP_DOUBT},
    {ARP_PROBE, ARP_REACHABLE, "the answer", "RFC 826", RULE_ARP_REPLY},
    {ARP_PROBE, ARP_REACHABLE, "the storey above confirms", "RFC 1122 2.3.2.1",
        RULE_ARP_CONFIRM},
    {ARP_PROBE, ARP_STALE, "it asks from a new address", "RFC 826",
        RULE_ARP_MERGE},
    {ARP_PROBE, ARP_FAILED, "three questions unanswered", "RFC 4861 7.3.3",
        RULE_ARP_FAILED},
    {ARP_FAILED, ARP_INCOMPLETE, "a packet needs the address", "RFC 826",
        RULE_ARP_REQUEST},
    {ARP_FAILED, ARP_STALE, "the neighbour asks for us", "RFC 826",
        RULE_ARP_MERGE},
    {ARP_INCOMPLETE, ARP_NONE, "the table is full", "arp(7)", RULE_ARP_FULL},
    {ARP_REACHABLE, ARP_NONE, "the table is full", "arp(7)", RULE_ARP_FULL},
    {ARP_STALE, ARP_NONE, "the table is full", "arp(7)", RULE_ARP_FULL},
    {ARP_DELAY, ARP_NONE, "the table is full", "arp(7)", RULE_ARP_FULL},
    {ARP_PROBE, ARP_NONE, "the table is full", "arp(7)", RULE_ARP_FULL},
    {ARP_FAILED, ARP_NONE, "the table is full", "arp(7)", RULE_ARP_FULL},
    {ARP_STALE, ARP_NONE, "unused for a minute", "arp(7)", RULE_ARP_UNUSED},
    {ARP_FAILED, ARP_NONE, "unused for a minute", "arp(7)", RULE_ARP_UNUSED},
    {ARP_INCOMPLETE, ARP_NONE, "our own address is in doubt", "RFC 5227 2.1.1",
        RULE_ARP_CLAIM_LOST},
    {ARP_REACHABLE, ARP_NONE, "our own address is in doubt", "RFC 5227 2.1.1",
        RULE_ARP_CLAIM_LOST},
    {ARP_STALE, ARP_NONE, "our own address is in doubt", "RFC 5227 2.1.1",
        RULE_ARP_CLAIM_LOST},
    {ARP_DELAY, ARP_NONE, "our own address is in doubt", "RFC 5227 2.1.1",
        RULE_ARP_CLAIM_LOST},
    {ARP_PROBE, ARP_NONE, "our own address is in doubt", "RFC 5227 2.1.1",
        RULE_ARP_CLAIM_LOST},
    {ARP_FAILED, ARP_NONE, "our own address is in doubt", "RFC 5227 2.1.1",
        RULE_ARP_CLAIM_LOST},
};

const unsigned arp_arrow_count = LW_COUNT(arp_arrows);

const char *
arp_state_text(enum arp_state s)
{
    static const char *const texts[] = {
#define S(name, text) text,
        ARP_STATES(S)
#undef S
    };

    return (unsigned)s < ARP_STATE_COUNT ? texts[s] : "";
}
