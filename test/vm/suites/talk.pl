#!/usr/bin/perl
# A word over tcp, udp or sctp: `talk listen PROTOCOL PORT` answers everybody with the address it was called from,
# `talk ask PROTOCOL ADDRESS PORT` prints that answer. Perl begins in a tenth of the time that Node takes in the guest.
use strict;
use warnings;
use Socket qw(:DEFAULT :addrinfo IPPROTO_TCP IPPROTO_UDP IPPROTO_SCTP IPPROTO_IPV6 IPV6_V6ONLY);

my ($verb, $protocol, @place) = @ARGV;
my ($type, $number) = @{
    {   tcp  => [ SOCK_STREAM, IPPROTO_TCP ],
        udp  => [ SOCK_DGRAM,  IPPROTO_UDP ],
        sctp => [ SOCK_STREAM, IPPROTO_SCTP ],
    }->{$protocol}
};
# A caller over IPv4 as one that an IPv6 socket sees.
sub name { (getnameinfo($_[0], NI_NUMERICHOST | NI_NUMERICSERV))[1] =~ s/^::ffff://r }

if ($verb eq 'listen') {
    socket(my $server, AF_INET6, $type, $number) or die "socket: $!";
    setsockopt($server, IPPROTO_IPV6, IPV6_V6ONLY, 0) or die "IPV6_V6ONLY: $!";
    setsockopt($server, SOL_SOCKET, SO_REUSEADDR, 1);
    bind($server, pack_sockaddr_in6($place[0], Socket::IN6ADDR_ANY)) or die "bind: $!";
    listen($server, 5) or die "listen: $!" unless $protocol eq 'udp';
    $| = 1;
    print "up\n";
    while (1) {
        if ($protocol eq 'udp') {
            my $caller = recv($server, my $word, 64, 0);
            send($server, name($caller), 0, $caller);
        } else {
            my $caller = accept(my $client, $server);
            send($client, name($caller), 0);
            close $client;
        }
    }
}
alarm 5;
my (undef, $target) = getaddrinfo($place[0], $place[1], { flags => AI_NUMERICHOST, socktype => SOCK_DGRAM });
socket(my $client, $target->{family}, $type, $number) or die "socket: $!";
connect($client, $target->{addr}) or die "connect: $!\n";
send($client, 'who', 0) if $protocol eq 'udp';
recv($client, my $answer, 64, 0) // die "recv: $!\n";
print "$answer\n";
