package dev.satchel.examples.reels.web;

/**
 * What is wrong with one field of a request's body.
 *
 * @param field its path, {@code crop.width}; empty if it is the body as a whole
 * @param message a short phrase for the person who typed it
 */
public record FieldError(String field, String message) {}
