// Cuts the clicks of users into sessions: one ends when its user has not clicked for a while. Start `nc -lk 9999` in
// another terminal, then
//   swift run -c release sessions localhost 9999 --timeout-seconds 10
// and type the names of users and pages into nc: "ada home", "bob cart".

import ExampleSupport
import Martlet

/// The clicks of a user since the user came.
struct Session {
  var began: Time
  var clicks = 0
}

let options = ExampleOptions(
  """
  sessions HOST PORT
    --timeout-seconds N     a session ends after so many seconds without a click; 30 if not given
  """, options: ["--timeout-seconds"])
let timeout = options.count("--timeout-seconds") ?? 30

let ssc = StreamingContext(
  master: options.master(), appName: "Sessions", batchInterval: options.batchInterval)
let clicks = ssc.socketTextStream(options.argument(0, "HOST"), options.port(1)).flatMap { line in
  let words = line.split(separator: " ", maxSplits: 1)
  return words.count == 2 ? [(words[0], words[1])] : []
}
let endedSessions = clicks.mapWithState(
  StateSpec.function { (time: Time, user: Text, page: Text?, state: State<Session>) -> String? in
    var session = state.value ?? Session(began: time)
    guard page != nil else { return "\(user): \(session.clicks) clicks since \(session.began.localDescription)" }
    session.clicks += 1
    try state.update(session)
    return nil
  }.timeout(.seconds(timeout)))
endedSessions.pprint()

await ssc.runExample(options)
