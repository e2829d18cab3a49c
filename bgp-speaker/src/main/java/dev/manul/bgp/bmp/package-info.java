/**
 * The BGP Monitoring Protocol (RFC 7854): tells stations what neighbours announce, as it comes and
 * before any policy, and when sessions come and go. {@link dev.manul.bgp.bmp.BmpExporter} is used
 * on the core thread; messages are written and sent on the thread {@code bgp-bmp}.
 */
package dev.manul.bgp.bmp;
