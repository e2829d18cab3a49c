/**
 * Tables of routes in the format of RFC 6396 (MRT), which other tools read: {@link
 * dev.manul.bgp.mrt.TableDump} writes TABLE_DUMP_V2.
 */
package dev.manul.bgp.mrt;
