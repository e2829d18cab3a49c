/**
 * TCP for BGP, on Netty's epoll transport.
 *
 * <p>One event loop thread, {@code bgp-io}, reads and writes bytes and runs the codec. Objects here
 * are called by the core thread and hand their work to the event loop; what the event loop has for
 * the core it passes on as a task of the core's executor. {@code NettyLink.listener} is touched by
 * the core thread alone; everything a Netty handler holds, by the event loop alone.
 *
 * <p>Buffers never leave this package: decoded messages hold none.
 */
package dev.manul.bgp.transport;
