package standin

import groovy.transform.CompileStatic
import org.codehaus.groovy.ast.ClassNode

import java.util.concurrent.TimeUnit
import java.util.regex.Matcher
import java.util.regex.Pattern

/** What sandboxed scripts may touch: types of receivers, constructors, static methods, conversions and imports. */
@CompileStatic
class Allowed {
    private static final List<Class> RECEIVERS = [CharSequence, Number, Boolean, Character, Collection, Map, Map.Entry, Iterator, Matcher,
        Pattern, Date,
        TimeUnit, UUID, Optional, groovy.json.JsonSlurperClassic, groovy.json.JsonBuilder, groovy.lang.IntRange] as List<Class>
    /** Reflection and ways out that every object has, or that Groovy gives to texts and lists. */
    private static final Set<String> DENIED = ['getClass', 'class', 'getMetaClass', 'setMetaClass', 'metaClass', 'getProperties',
        'properties',
        'getMetaPropertyValues', 'metaPropertyValues', 'execute', 'toURL', 'toURI', 'invokeMethod', 'getProperty', 'setProperty', 'notify',
            'notifyAll',
        'wait', 'finalize', 'use', 'mixin', 'evaluate', 'addShutdownHook', 'newInstance', 'respondsTo', 'hasProperty', 'dump', 'sleep',
            'print',
        'println', 'printf', 'parse', 'eachFile', 'getDeclaringClass', 'declaringClass', 'getClassLoader', 'asType', 'methodMissing',
            'propertyMissing',
        'withStream', 'getBinding', 'binding', 'stream', 'parallelStream', 'writeTo', 'newReader', 'newWriter', 'getLocation'] as Set
    private static final Set<String> CLOSURE = ['call', 'doCall', 'curry', 'rcurry', 'ncurry', 'memoize', 'trampoline', 'setDelegate',
        'getDelegate',
        'setResolveStrategy', 'getResolveStrategy', 'getOwner', 'getThisObject', 'clone', 'rehydrate', 'dehydrate',
            'getMaximumNumberOfParameters',
        'getParameterTypes', 'rightShift', 'leftShift', 'compose', 'andThen', 'with', 'tap', 'is', 'equals', 'hashCode', 'toString',
            'asBoolean'] as Set
    private static final Set<String> THROWABLE = ['getMessage', 'getLocalizedMessage', 'getCause', 'toString', 'equals', 'hashCode', 'is',
        'getResult',
        'getSuppressed', 'with', 'isActualInterruption'] as Set
    private static final List<Class> CONSTRUCTIBLE = [Object, String, Integer, Long, Double, Float, Short, Byte, Boolean, BigDecimal,
        BigInteger, Date,
        ArrayList, LinkedList, ArrayDeque, HashMap, LinkedHashMap, TreeMap, HashSet, LinkedHashSet, TreeSet, StringBuilder, StringBuffer,
            Exception,
        RuntimeException, Error, IllegalArgumentException, IllegalStateException, UnsupportedOperationException, NoSuchElementException,
        NullPointerException, IndexOutOfBoundsException, ArithmeticException, NumberFormatException, InterruptedException, AssertionError,
        hudson.AbortException, groovy.json.JsonSlurperClassic, groovy.json.JsonBuilder] as List<Class>
    private static final Map<Class, Collection<String>> STATIC = [
        (Math): ['*'], (String): ['format', 'join', 'valueOf', 'copyValueOf'], (Integer): ['*'], (Long): ['*'], (Double): ['*'],
            (Float): ['*'],
        (Short): ['*'], (Byte): ['*'], (Character): ['*'], (Boolean): ['parseBoolean', 'valueOf', 'toString', 'TRUE', 'FALSE'],
        (BigDecimal): ['valueOf', 'ONE', 'ZERO', 'TEN'], (BigInteger): ['valueOf', 'ONE', 'ZERO', 'TEN'], (Arrays): ['asList', 'sort',
            'equals', 'toString'],
        (Collections): ['emptyList', 'emptyMap', 'emptySet', 'max', 'min', 'nCopies', 'reverse', 'singleton', 'singletonList',
            'singletonMap', 'sort',
            'unmodifiableList', 'unmodifiableMap', 'unmodifiableSet', 'unmodifiableCollection', 'frequency', 'disjoint', 'reverseOrder'],
        (Objects): ['equals', 'hash', 'hashCode', 'isNull', 'nonNull', 'requireNonNull', 'toString'], (Optional): ['of', 'ofNullable',
            'empty'],
        (Pattern): ['compile', 'quote', 'matches', 'CASE_INSENSITIVE', 'COMMENTS', 'DOTALL', 'LITERAL', 'MULTILINE', 'UNICODE_CASE'],
        (Matcher): ['quoteReplacement'], (UUID): ['randomUUID', 'fromString'], (Date): ['parse', 'UTC', 'from'], (TimeUnit): ['*'],
        (groovy.json.JsonOutput): ['toJson', 'prettyPrint'], (System): ['currentTimeMillis', 'nanoTime'],
        (Closure): ['DELEGATE_FIRST', 'DELEGATE_ONLY', 'OWNER_FIRST', 'OWNER_ONLY', 'TO_SELF'],
    ] as Map<Class, Collection<String>>
    private static final Set<String> SYSTEM_PROPERTIES = ['getInteger', 'getLong', 'getBoolean'] as Set
    private static final Set<String> CONVERTIBLE = ['java.lang.Object', 'java.lang.CharSequence', 'groovy.lang.GString', 'java.lang.Number',
        'java.util.Collection', 'java.util.List', 'java.util.Map', 'java.util.Set', 'java.util.SortedMap', 'java.util.Map$Entry',
            'java.lang.Iterable',
        'java.util.Iterator', 'groovy.lang.Closure', 'java.util.regex.Pattern', 'java.util.regex.Matcher', 'groovy.lang.Range',
            'groovy.lang.IntRange',
        'java.lang.Character', 'java.util.UUID', 'java.util.concurrent.TimeUnit', 'java.lang.Throwable', 'java.lang.Comparable',
            'java.lang.Void',
        'boolean', 'int', 'long', 'double', 'float', 'short', 'byte', 'char', 'void',
        'org.jenkinsci.plugins.workflow.steps.FlowInterruptedException'] as Set
    private static final Set<String> NAMES = CONSTRUCTIBLE*.name.toSet() + STATIC.keySet()*.name + CONVERTIBLE +
        ['groovy.transform.Field', 'com.cloudbees.groovy.cps.NonCPS', 'org.jenkinsci.plugins.workflow.libs.Library'] - ['java.lang.System',
            'groovy.lang.Closure']

    static boolean denied(String name) {
        name in DENIED
    }

    static boolean method(Object receiver, String name) {
        if (receiver instanceof Closure) {
            return name in CLOSURE
        }
        if (receiver instanceof Throwable) {
            return name in THROWABLE
        }
        !denied(name) && (receiver.class.array || RECEIVERS.any { it.isInstance(receiver) })
    }

    static boolean construction(Class type) {
        type in CONSTRUCTIBLE
    }

    static boolean staticAccess(Class type, String name) {
        def names = STATIC[type]
        names != null && (name in names || '*' in names && !denied(name) && !(name in SYSTEM_PROPERTIES))
    }

    /** Whether a declaration or cast may name the type. */
    static boolean convertible(ClassNode type) {
        def found = type
        while (found.array) {
            found = found.componentType
        }
        found.name in CONVERTIBLE || CONSTRUCTIBLE.any { it.name == found.name }
    }

    static boolean convertible(Class type) {
        type.name in CONVERTIBLE || construction(type)
    }

    static boolean importable(String name) {
        name in NAMES
    }

    static boolean starImport(String name) {
        name in ['java.util.', 'java.util.regex.', 'groovy.json.', 'java.util.concurrent.', 'java.lang.'] || name in ['java.lang.Math',
            'java.util.concurrent.TimeUnit']
    }
}
