/**
 * The main job, shown and judged: encapsulation per mode on the wire, mode switches and an agent's
 * restart under load, the repair of a route. What is judged is what iproute2, tcpdump, fping and
 * e2e/lab/pings.c say; Manul's own word is only printed.
 */
package dev.manul.e2e.demo;
