import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Handle;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * Rewrites, in all jars of a directory, what the JVM cannot keep in an archive
 * of class data (CDS), so that it need not be generated at each start:
 *
 * Lambdas with extra features. Scala's compiler makes nearly all of Kafka's
 * lambdas serialisable, which nothing uses, or callable by a second type. The
 * broker generates about a thousand classes for them while it starts, each in a
 * third of a millisecond. They become plain lambdas.
 *
 * Classes compiled for a Java before 6: the loggers'. They lack the stack map
 * frames with which later classes are verified; this adds them.
 *
 *   java -cp /usr/share/java/asm.jar broker/Archivable.java DIR
 *
 * The classes behave as before. A jar with changed classes says so in
 * META-INF/pricefeed.txt, and this program on standard output. The same jars
 * give the same bytes each time. After an error the directory is unusable.
 */
class Archivable {
    private static final String NOTICE_NAME = "META-INF/pricefeed.txt";
    private static final String NOTICE =
        "pricefeed has changed %d classes of this jar, so that the JVM can"
        + " archive them:%nlambdas are plain ones, and classes for Java 5"
        + " and before have frames.%nWhat they do is the same. See"
        + " broker/Archivable.java of pricefeed.%n";

    /** The flags of altMetafactory() for more than plain lambdas. */
    private static final int SERIALIZABLE = 1;
    private static final int BRIDGES = 4;

    private static final Handle METAFACTORY = new Handle(
        Opcodes.H_INVOKESTATIC, "java/lang/invoke/LambdaMetafactory",
        "metafactory",
        "(Ljava/lang/invoke/MethodHandles$Lookup;Ljava/lang/String;"
        + "Ljava/lang/invoke/MethodType;Ljava/lang/invoke/MethodType;"
        + "Ljava/lang/invoke/MethodHandle;Ljava/lang/invoke/MethodType;)"
        + "Ljava/lang/invoke/CallSite;", false);

    private final ClassLoader jars;

    private Archivable(ClassLoader jars) {
        this.jars = jars;
    }

    public static void main(String[] args) throws IOException {
        if (args.length != 1) {
            System.err.println("usage: Archivable.java DIR");
            System.exit(2);
        }
        List<Path> paths = new ArrayList<>();
        try (DirectoryStream<Path> found =
                 Files.newDirectoryStream(Path.of(args[0]), "*.jar")) {
            found.forEach(paths::add);
        }
        paths.sort(null);
        // The classes as they were are asked who extends whom.
        try (URLClassLoader jars = new URLClassLoader(
                 paths.stream().map(Archivable::url).toArray(URL[]::new))) {
            Archivable archivable = new Archivable(jars);
            for (Path path : paths) {
                archivable.rewriteJar(path);
            }
        }
    }

    private static URL url(Path path) {
        try {
            return path.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void rewriteJar(Path path) throws IOException {
        ZipEntry[] entries;
        byte[][] bytes;
        int changed = 0;
        try (JarFile jar = new JarFile(path.toFile(), false)) {
            entries = jar.stream().toArray(ZipEntry[]::new);
            bytes = new byte[entries.length][];
            for (int i = 0; i < entries.length; i++) {
                byte[] was = jar.getInputStream(entries[i]).readAllBytes();
                bytes[i] = rewrite(entries[i].getName(), was);
                changed += bytes[i] == was ? 0 : 1;
            }
        }
        if (changed == 0) {
            return;
        }
        Path rewritten = path.resolveSibling(path.getFileName() + ".part");
        try (OutputStream file = Files.newOutputStream(rewritten);
             ZipOutputStream to = new ZipOutputStream(file)) {
            for (int i = 0; i < entries.length; i++) {
                put(to, entries[i], bytes[i]);
            }
            ZipEntry notice = new ZipEntry(NOTICE_NAME);
            notice.setTime(Arrays.stream(entries).mapToLong(ZipEntry::getTime)
                               .max().orElse(0));
            put(to, notice, String.format(NOTICE, changed)
                                .getBytes(StandardCharsets.UTF_8));
        }
        Files.move(rewritten, path, StandardCopyOption.REPLACE_EXISTING);
        System.out.println(path.getFileName() + ": " + changed + " classes");
    }

    private static void put(ZipOutputStream to, ZipEntry like, byte[] bytes)
            throws IOException {
        ZipEntry entry = new ZipEntry(like.getName());
        entry.setTime(like.getTime());
        to.putNextEntry(entry);
        to.write(bytes);
        to.closeEntry();
    }

    /** The new bytes of the entry; the same array if it is unchanged. */
    private byte[] rewrite(String name, byte[] bytes) {
        if (!name.endsWith(".class")) {
            return bytes;
        }
        int version = (bytes[6] & 0xff) << 8 | bytes[7] & 0xff;
        if (version < Opcodes.V1_6) {
            return withFrames(bytes);
        }
        // A class of Scala's that has lambdas has this as well. What Java's
        // compiler makes serialisable, somebody has asked for.
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        return text.contains("scala/runtime/LambdaDeserialize")
            ? withPlainLambdas(bytes) : bytes;
    }

    private static byte[] withPlainLambdas(byte[] bytes) {
        ClassWriter writer = new ClassWriter(0);
        boolean[] changed = {false};
        new ClassReader(bytes).accept(new ClassVisitor(Opcodes.ASM9, writer) {
            @Override
            public MethodVisitor visitMethod(int access, String name,
                    String descriptor, String signature, String[] exceptions) {
                return new MethodVisitor(Opcodes.ASM9, super.visitMethod(
                        access, name, descriptor, signature, exceptions)) {
                    @Override
                    public void visitInvokeDynamicInsn(String method,
                            String type, Handle maker, Object... arguments) {
                        if (mayBePlain(type, maker, arguments)) {
                            changed[0] = true;
                            super.visitInvokeDynamicInsn(method, type,
                                METAFACTORY, arguments[0], arguments[1],
                                arguments[2]);
                        } else {
                            super.visitInvokeDynamicInsn(method, type, maker,
                                                         arguments);
                        }
                    }
                };
            }
        }, 0);
        return changed[0] ? writer.toByteArray() : bytes;
    }

    /**
     * True if a lambda of this type behaves like a plain one. The function
     * types of Scala and Java have one method to implement, of Objects or
     * numbers. A bridge would be for a narrower method, which can only be
     * called through a narrower interface.
     */
    private static boolean mayBePlain(String type, Handle maker,
                                      Object[] arguments) {
        if (!maker.getOwner().equals(METAFACTORY.getOwner())
            || !maker.getName().equals("altMetafactory")) {
            return false;
        }
        int flags = (Integer) arguments[3];
        return (flags & ~(SERIALIZABLE | BRIDGES)) == 0
            && ((flags & BRIDGES) == 0
                || type.contains(")Lscala/Function")
                || type.contains(")Ljava/util/function/"));
    }

    private byte[] withFrames(byte[] bytes) {
        ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_FRAMES) {
            @Override
            protected ClassLoader getClassLoader() {
                return jars;
            }
        };
        try {
            new ClassReader(bytes).accept(
                new ClassVisitor(Opcodes.ASM9, writer) {
                    @Override
                    public void visit(int version, int access, String name,
                            String signature, String parent, String[] types) {
                        super.visit(Opcodes.V1_7, access, name, signature,
                                    parent, types);
                    }
                }, 0);
        } catch (TypeNotPresentException e) {
            return bytes; // it uses a jar that is not here, so nobody uses it
        }
        return writer.toByteArray();
    }
}
