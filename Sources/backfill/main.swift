import Connectors
import Glibc

EgressGate.enterIfAsked(CommandLine.arguments)
exit(await Program(World.current()).run().rawValue)
