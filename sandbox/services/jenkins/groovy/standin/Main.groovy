package standin

import groovy.json.JsonSlurperClassic
import groovy.transform.CompileStatic

import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.ExecutorService
import java.util.concurrent.Executors

/** Serves Python over standard input and output, or with `compile FILE...` prints the errors of scripts. */
@CompileStatic
class Main {
    private final Wire wire
    private final Map<String, Build> builds = new ConcurrentHashMap<>()
    private final ExecutorService threads = Executors.newCachedThreadPool()

    static void main(String[] arguments) {
        if (arguments.length > 0 && arguments[0] == 'compile') {
            System.exit(Compiler.check(arguments.toList().drop(1), System.out))
        }
        def out = new FileOutputStream(FileDescriptor.out)
        def input = System.in
        // What scripts print is not protocol, and what they read is not theirs.
        System.setOut(System.err)
        System.setIn(new ByteArrayInputStream(new byte[0]))
        new Main(new BufferedOutputStream(out)).serve(input)
        System.exit(0)
    }

    Main(OutputStream out) {
        wire = new Wire(out)
    }

    void serve(InputStream input) {
        def slurper = new JsonSlurperClassic()
        wire.send([ready: true])
        input.newReader('UTF-8').eachLine { String line -> take((Map) slurper.parseText(line)) }
    }

    private void take(Map message) {
        if (message.containsKey('answer')) {
            wire.answer(message)
        } else if (message['op'] == 'stop') {
            // Not here: what is told to stop writes to Python, which may be writing to us.
            threads.submit((Runnable) { builds[(String) message['build']]?.stop() })
        } else {
            threads.submit((Runnable) { answer(message) })
        }
    }

    private void answer(Map message) {
        try {
            wire.send([id: message['id'], value: done(message)])
        } catch (Throwable error) {
            def found = Errors.unwrap(error)
            wire.send([id: message['id'], error: found.message ?: found.class.name])
        }
    }

    private Object done(Map message) {
        switch (message['op']) {
            case 'run': return run(message)
            case 'declare': return new standin.jobdsl.World((List<String>) message['items']).run((List<Map>) message['scripts'])
            case 'compile': return Compiler.errors((String) message['name'], (String) message['text'])
        }
        throw new IllegalArgumentException("request ${message['op']}: expected run, stop, declare or compile")
    }

    private String run(Map message) {
        def id = (String) message['build']
        def build = new Build(wire, message)
        builds[id] = build
        try {
            return build.run((String) message['script'])
        } finally {
            builds.remove(id)
        }
    }
}
